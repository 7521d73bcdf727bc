import type { Place } from '../../model/place.ts'
import { flag, type Kind, port, text } from './kinds.ts'
import { collected } from './locations.ts'
import type { Server } from './server.ts'
import type { Setting } from './setting.ts'
import { attributeOf, textOf, within, type XmlElement } from './xml_element.ts'

export interface Application {
  readonly site: string
  /** `/` or `/app`. */
  readonly path: string
  /** As location tags and appcmd name it: `Site/` or `Site/app`. */
  readonly id: string
  readonly place: Place
  readonly pool: Setting<string>
  readonly preload: Setting<boolean>
  /** As written, with its variables; empty when there is none. */
  readonly physicalPath: string
}

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

/** Every site with an http or https binding, and its applications that speak http. */
export function readSites(server: Server): Site[] {
  const sections = server.find('system.applicationHost/sites', '')
  const defaults = within(sections, 'applicationDefaults')
  return collected(sections, { add: 'site', key: 'name' })
    .map((element) => readSite(element, defaults, server))
    .filter(({ bindings }) => bindings.length > 0)
}

export type Site = ReturnType<typeof readSite>

function readSite(element: XmlElement, defaults: readonly XmlElement[], server: Server) {
  const { place } = element
  const name = textOf(element, 'name')
  const read = server.settingsOf({ own: [element], place })
  return {
    name,
    place,
    autoStart: read('serverAutoStart', flag, true),
    /** At least one. */
    bindings: readBindings(element, server),
    applications: readApplications(element, name, defaults, server),
    /** IIS itself redirects every plain request to HTTPS (IIS 10.0, version 1709). */
    redirectsToHttps: read('hsts.redirectHttpToHttps', flag, false),
  }
}

function readApplications(
  site: XmlElement,
  siteName: string,
  sitesDefaults: readonly XmlElement[],
  { settingsOf }: Server,
): Application[] {
  const siteDefaults = within([site], 'applicationDefaults')
  return collected([site], { add: 'application', key: 'path' }).flatMap((element): Application[] => {
    const { place } = element
    const own = [element]
    const read = settingsOf({ own, defaults: [...sitesDefaults, ...siteDefaults], place })
    const protocols = read('enabledProtocols', text, 'http').value.toLowerCase()
    if (!protocols.split(',').some((protocol) => protocol.trim() === 'http')) return []
    const path = attributeOf(element, 'path')?.value ?? '/'
    const root = within(own, 'virtualDirectory').find((folder) => textOf(folder, 'path') === '/')
    return [
      {
        site: siteName,
        path,
        id: `${siteName}${path}`,
        place,
        pool: read('applicationPool', text, 'DefaultAppPool'),
        preload: settingsOf({ own, defaults: siteDefaults, place })('preloadEnabled', flag, false),
        physicalPath: textOf(root, 'physicalPath'),
      },
    ]
  })
}

/** The http and https bindings of a site, without net.tcp, ftp and the like. */
function readBindings(site: XmlElement, { settingsOf }: Server): Binding[] {
  return within([site], 'bindings', 'binding').flatMap((element): Binding[] => {
    const scheme = textOf(element, 'protocol').toLowerCase()
    if (scheme !== 'http' && scheme !== 'https') return []
    const read = settingsOf({ own: [element], place: element.place })
    const { value, place } = read('bindingInformation', bindingInformation, undefined)
    return value === undefined ? [] : [{ scheme, ...value, place }]
  })
}

/** `IP:port:host`, where the IP may be `*`, empty or an IPv6 literal in brackets. */
const bindingInformation: Kind<Pick<Binding, 'ip' | 'port' | 'host'> | undefined> = {
  read(written) {
    const [, ip = '', digits = '', host = ''] =
      /^(\[[^\]]*\]|[^:]*):(\d{1,5}):([^:]*)$/.exec(written.trim()) ?? []
    const number = port.read(digits)
    if (number === undefined) return undefined
    const literal = ip === '*' || ip === '0.0.0.0' || ip === '[::]' ? '' : ip.replaceAll(/[[\]]/g, '')
    return { ip: literal, port: number, host: host === '*' ? '' : host.toLowerCase() }
  },
  write: () => '',
  right: 'write address, port and host name, such as *:80:www.example.org',
}
