import { count } from './kinds.ts'
import type { Place } from './place.ts'
import type { SettingReader } from './setting.ts'
import { attributeOf, within, type XmlElement } from './xml_element.ts'

/** Where a site listens for HTTP. */
export interface Binding {
  readonly scheme: 'http' | 'https'
  /** An IP literal without brackets; empty for all addresses. */
  readonly ip: string
  readonly port: number
  /** In lower case; empty for every host name. */
  readonly host: string
  readonly place: Place
}

/** The http and https bindings of a site; net.tcp, ftp and the like are none of ours. */
export function readBindings(site: XmlElement, read: SettingReader): Binding[] {
  return within([site], 'bindings', 'binding').flatMap((element): Binding[] => {
    const scheme = attributeOf(element, 'protocol')?.value.toLowerCase()
    if (scheme !== 'http' && scheme !== 'https') return []
    const { place } = element
    const written = read({ own: [element], place }, 'bindingInformation', bindingInformation, undefined)
    return written.value === undefined ? [] : [{ scheme, ...written.value, place: written.place }]
  })
}

interface Listening {
  readonly ip: string
  readonly port: number
  readonly host: string
}

/** `IP:port:host`, where the IP may be `*`, empty or an IPv6 literal in brackets. */
const bindingInformation = {
  read(written: string): Listening | undefined {
    const [, ip = '', port = '', host = ''] =
      /^(\[[^\]]*\]|[^:]*):(\d{1,5}):([^:]*)$/.exec(written.trim()) ?? []
    const number = count.read(port)
    if (number === undefined || number < 1 || number > 65_535) return undefined
    const literal = ip === '*' || ip === '0.0.0.0' || ip === '[::]' ? '' : ip.replaceAll(/[[\]]/g, '')
    return { ip: literal, port: number, host: host === '*' ? '' : host.toLowerCase() }
  },
  right: 'write address, port and host name, such as *:80:www.example.org',
}
