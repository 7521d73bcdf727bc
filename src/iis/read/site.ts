import type { Place } from '../../model/place.ts'
import { count, flag, type Kind, port, text, timeSpan } from './kinds.ts'
import { collected } from './locations.ts'
import { quoted } from './remark.ts'
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
  /** Whether a provider (serviceAutoStartProvider) starts the application with its worker, as since IIS 7.5. */
  readonly isAutoStarted: boolean
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
  /** Served only to clients that send its name in the TLS handshake. */
  readonly needsSni: boolean
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

const standardLogFields =
  'Date, Time, ClientIP, UserName, ServerIP, Method, UriStem, UriQuery, HttpStatus, Win32Status, TimeTaken, ' +
  'ServerPort, UserAgent, Referer, HttpSubStatus'

function readSite(element: XmlElement, defaults: readonly XmlElement[], server: Server) {
  const { place } = element
  const name = textOf(element, 'name')
  const siteDefaults = within(server.find('system.applicationHost/sites', ''), 'siteDefaults')
  const read = server.settingsOf({ own: [element], defaults: siteDefaults, place })
  return {
    name,
    place,
    autoStart: read('serverAutoStart', flag, true),
    /** At least one. */
    bindings: readBindings(element, server),
    applications: readApplications(element, name, defaults, server),
    /** How long IIS keeps an idle connection of a client. */
    keepAliveMs: read('limits.connectionTimeout', timeSpan, 120_000),
    logEnabled: read('logFile.enabled', flag, true),
    logFormat: read('logFile.logFormat', text, 'W3C'),
    /** The fields of the log. */
    logFields: read('logFile.logExtFileFlags', text, standardLogFields),
    tracing: read('traceFailedRequestsLogging.enabled', flag, false),
    /** IIS itself redirects every plain request to HTTPS (IIS 10.0, version 1709). */
    redirectsToHttps: read('hsts.redirectHttpToHttps', flag, false),
  }
}

function readApplications(
  site: XmlElement,
  siteName: string,
  sitesDefaults: readonly XmlElement[],
  { find, remark, settingsOf }: Server,
): Application[] {
  const providers = collected(find('system.applicationHost/serviceAutoStartProviders', ''), { key: 'name' })
  const isKnownProvider = ({ value, place }: Setting<string>): boolean => {
    const isKnown = providers.some((each) => textOf(each, 'name') === value)
    const message = `serviceAutoStartProvider is ${quoted(value)}; name one of serviceAutoStartProviders`
    if (!isKnown) remark({ place, message })
    return isKnown
  }
  const siteDefaults = within([site], 'applicationDefaults')
  return collected([site], { add: 'application', key: 'path' }).flatMap((element): Application[] => {
    const { place } = element
    const own = [element]
    const read = settingsOf({ own, defaults: [...sitesDefaults, ...siteDefaults], place })
    const protocols = read('enabledProtocols', text, 'http').value.toLowerCase()
    if (!protocols.split(',').some((protocol) => protocol.trim() === 'http')) return []
    const readSiteWide = settingsOf({ own, defaults: siteDefaults, place })
    const path = attributeOf(element, 'path')?.value ?? '/'
    const root = within(own, 'virtualDirectory').find((folder) => textOf(folder, 'path') === '/')
    return [
      {
        site: siteName,
        path,
        id: `${siteName}${path}`,
        place,
        pool: read('applicationPool', text, 'DefaultAppPool'),
        preload: readSiteWide('preloadEnabled', flag, false),
        isAutoStarted:
          readSiteWide('serviceAutoStartEnabled', flag, false).value &&
          isKnownProvider(readSiteWide('serviceAutoStartProvider', text, '')),
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
    const needsSni = scheme === 'https' && (read('sslFlags', count, 0).value & 1) === 1
    return value === undefined ? [] : [{ scheme, ...value, needsSni, place }]
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
