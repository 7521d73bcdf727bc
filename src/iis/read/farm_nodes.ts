import { isIP } from 'node:net'
import type { Scheme } from '../../model/farm.ts'
import type { Route } from './routing.ts'
import type { FarmServer, WebFarm } from './web_farm.ts'

/** A server of a web farm, as a prober reaches it. */
export interface FarmNode {
  readonly name: string
  readonly scheme: Scheme
  readonly host: string
  readonly port: number
  readonly server: FarmServer
}

/** The servers that ARR sends requests to, and how it speaks to them; those it does not are left out. */
export function nodesOf(farm: WebFarm, routes: readonly Route[]): FarmNode[] {
  const scheme = schemeOf(farm, routes)
  return farm.servers.flatMap((server): FarmNode[] => {
    const host = server.address.replaceAll(/[[\]]/g, '')
    if (!server.enabled.value || !isAddress(host)) return []
    const port = (scheme === 'https' ? server.httpsPort : server.httpPort).value
    return [{ name: host, scheme, host, port, server }]
  })
}

/** ARR speaks as the routing rule says. Its own wizard writes http, which takes the TLS off at the balancer. */
function schemeOf(farm: WebFarm, routes: readonly Route[]): Scheme {
  const own = routesOf(farm, routes)
  return own.length > 0 && own.every(({ scheme }) => scheme === 'https') ? 'https' : 'http'
}

/** The rules that send requests to a farm. */
export const routesOf = ({ name }: WebFarm, routes: readonly Route[]): Route[] =>
  routes.filter(({ farm }) => farm.toLowerCase() === name.toLowerCase())

/** An IP literal, or a name that a resolver may know. */
export const isAddress = (host: string): boolean =>
  isIP(host) !== 0 ||
  (host.length <= 253 &&
    !/^[\d.]+$/.test(host) &&
    /^[a-z0-9_][a-z0-9_-]{0,62}(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i.test(host))
