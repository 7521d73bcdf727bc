/** Which requests ARR sends to which servers, and how it speaks to them. */
import { isIP } from 'node:net'
import { hostNameOf } from '../../addresses/host_port.ts'
import type { Scheme } from '../../model/farm.ts'
import type { Place } from '../../model/place.ts'
import { collected } from './locations.ts'
import type { Server } from './server.ts'
import type { FarmServer, WebFarm } from './web_farm.ts'
import { isSame, textOf, within, type XmlElement } from './xml_element.ts'

/** A rewrite rule that sends requests to a web farm. */
export interface Route {
  readonly farm: string
  /** The scheme that ARR uses to the servers. */
  readonly scheme: Scheme
  /** The host names that it matches, as far as its conditions are plain ones; in lower case. */
  readonly hosts: readonly string[]
  readonly place: Place
}

/** Every enabled rule that names a web farm as the host of its action. */
export function readRoutes({ find }: Server, locations: readonly string[]): Route[] {
  const rulesOf = (section: string, location: string) =>
    collected(find(`system.webServer/rewrite/${section}`, location), { add: 'rule', key: 'name' })
  // Rules of the server reach every location, in one and the same list.
  const lists = new Set([
    rulesOf('globalRules', ''),
    ...locations.map((location) => rulesOf('rules', location)),
  ])
  return [...new Set([...lists].flat())].flatMap(readRoute)
}

function readRoute(rule: XmlElement): Route[] {
  const [action] = within([rule], 'action')
  if (isSame(textOf(rule, 'enabled'), 'false') || !isSame(textOf(action, 'type'), 'rewrite')) return []
  const [, scheme, farm] = /^(https?):\/\/([^/:{}?#]+)/i.exec(textOf(action, 'url')) ?? []
  if (scheme === undefined || farm === undefined) return []
  const hosts = within([rule], 'conditions', 'add').flatMap(hostOf)
  return [{ farm, scheme: isSame(scheme, 'https') ? 'https' : 'http', hosts, place: rule.place }]
}

/** `^www\.example\.org$`, `www.example.org`: a condition that is nothing but a host name. */
function hostOf(condition: XmlElement): string[] {
  if (!isSame(textOf(condition, 'input'), '{HTTP_HOST}') || isSame(textOf(condition, 'negate'), 'true'))
    return []
  const pattern = textOf(condition, 'pattern')
  const host = pattern.replace(/^\^/, '').replace(/\$$/, '').replaceAll('\\.', '.').toLowerCase()
  return isUrlHost(host) ? [host] : []
}

/** A name, or an IPv4 address, that can stand in a URL as it is; digits and dots alone would be read as an address. */
export const isUrlHost = (host: string): boolean =>
  host.length <= 253 && /^[a-z0-9.-]+$/.test(host) && URL.parse(`http://${host}/`)?.hostname === host

export const routesOf = ({ name }: WebFarm, routes: readonly Route[]): Route[] =>
  routes.filter(({ farm }) => isSame(farm, name))

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
function schemeOf(farm: WebFarm, routes: readonly Route[]): Scheme {
  const own = routesOf(farm, routes)
  return own.length > 0 && own.every(({ scheme }) => scheme === 'https') ? 'https' : 'http'
}

/** An IP literal without brackets, or a name that a resolver may know; undefined when the address is neither. */
export function hostOfServer({ address }: FarmServer): string | undefined {
  const host = address.replaceAll(/[[\]]/g, '')
  return isIP(host) === 0 ? hostNameOf(host) : host
}
