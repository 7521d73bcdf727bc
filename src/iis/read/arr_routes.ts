/** Which requests ARR sends to which servers, and how it speaks to them. */
import { isIP } from 'node:net'
import { hostNameOf, inAscii } from '../../addresses/host_port.ts'
import type { Scheme } from '../../model/farm.ts'
import type { Place } from '../../model/place.ts'
import { collected, type Layer } from './locations.ts'
import type { Server } from './server.ts'
import type { FarmServer, WebFarm } from './web_farm.ts'
import { type Where, whereOf } from './where.ts'
import { isSame, textOf, within, type XmlElement } from './xml_element.ts'

/** A rewrite rule that sends requests to a web farm, or to another server. */
export interface Route {
  /** The name of the rule. */
  readonly rule: string
  readonly isEnabled: boolean
  /** The host of its action: the name of a web farm, or of a server. */
  readonly farm: string
  /** The port of its action, if it names one; of a farm it does not count. */
  readonly port: number | undefined
  /** The scheme that ARR uses to the servers. */
  readonly scheme: Scheme
  /** The host names that it matches, as far as its conditions are plain ones; in lower case. */
  readonly hosts: readonly string[]
  readonly place: Place
  /** `system.webServer/rewrite/globalRules` or `…/rules`. */
  readonly section: string
  readonly where: Where
}

/** A site, with its web.config where that can be read. */
export interface RoutedSite {
  readonly name: string
  readonly layers: readonly Layer[]
}

/** Every rule whose action is a URL of another server. */
export function readRoutes({ find }: Server, sites: readonly RoutedSite[]): Route[] {
  const known = new Set<XmlElement>()
  const rulesOf = (section: string, id: string, layers: readonly Layer[]) =>
    collected(find(section, id, layers), { add: 'rule', key: 'name' }).flatMap((rule) => {
      if (known.has(rule)) return []
      known.add(rule)
      return readRoute(rule, section, whereOf(rule, section, { id, layers, find }))
    })
  // Rules of the server reach every location, in one and the same list.
  return [
    ...rulesOf('system.webServer/rewrite/globalRules', '', []),
    ...sites.flatMap(({ name, layers }) => rulesOf('system.webServer/rewrite/rules', name, layers)),
  ]
}

function readRoute(rule: XmlElement, section: string, where: Where): Route[] {
  const [action] = within([rule], 'action')
  if (!isSame(textOf(action, 'type'), 'rewrite')) return []
  const [, scheme, farm, port] =
    /^(https?):\/\/(\[[^\]]*\]|[^/:{}?#]+)(?::(\d{1,5}))?(?=[/?{]|$)/i.exec(textOf(action, 'url').trim()) ??
    []
  if (scheme === undefined || farm === undefined) return []
  return [
    {
      rule: textOf(rule, 'name'),
      isEnabled: !isSame(textOf(rule, 'enabled').trim(), 'false'),
      farm,
      port: port === undefined ? undefined : Number(port),
      scheme: isSame(scheme, 'https') ? 'https' : 'http',
      hosts: within([rule], 'conditions', 'add').flatMap(hostOf),
      place: rule.place,
      section,
      where,
    },
  ]
}

/** `^www\.example\.org$`, `www.example.org`: a condition that is nothing but a host name, in any script. */
function hostOf(condition: XmlElement): string[] {
  if (!isSame(textOf(condition, 'input'), '{HTTP_HOST}') || isSame(textOf(condition, 'negate'), 'true'))
    return []
  const pattern = textOf(condition, 'pattern')
  const host = pattern.replace(/^\^/, '').replace(/\$$/, '').replaceAll('\\.', '.').toLowerCase()
  return isUrlHost(inAscii(host)) ? [inAscii(host)] : []
}

/** A name, or an IPv4 address, that can stand in a URL as it is; digits and dots alone would be read as an address. */
export const isUrlHost = (host: string): boolean =>
  host.length <= 253 && /^[a-z0-9.-]+$/.test(host) && URL.parse(`http://${host}/`)?.hostname === host

/** The rules in force that send to a web farm. */
export const routesOf = ({ name }: Pick<WebFarm, 'name'>, routes: readonly Route[]): Route[] =>
  routes.filter(({ farm, isEnabled }) => isEnabled && isSame(farm, name))

/** A server of a web farm, as a prober reaches it. */
export interface FarmNode {
  readonly name: string
  readonly scheme: Scheme
  readonly host: string
  readonly port: number
  readonly server: FarmServer
}

export function nodesOf(farm: WebFarm, routes: readonly Route[]): FarmNode[] {
  const scheme = schemeOf(farm, routes)
  return farm.servers.flatMap((server): FarmNode[] => {
    const host = hostOfServer(server)
    if (!server.enabled.value || host === undefined) return []
    const port = (scheme === 'https' ? server.httpsPort : server.httpPort).value
    return [{ name: host, scheme, host, port, server }]
  })
}

/** ARR uses the scheme of the routing rule. Its own wizard writes http, which ends TLS at the balancer. */
export function schemeOf(farm: WebFarm, routes: readonly Route[]): Scheme {
  const own = routesOf(farm, routes)
  return own.length > 0 && own.every(({ scheme }) => scheme === 'https') ? 'https' : 'http'
}

/** An IP literal without brackets, or a name that a resolver may know; undefined when the address is neither. */
export function hostOfServer({ address }: Pick<FarmServer, 'address'>): string | undefined {
  const host = address.replaceAll(/[[\]]/g, '')
  return isIP(host) === 0 ? hostNameOf(host) : host
}
