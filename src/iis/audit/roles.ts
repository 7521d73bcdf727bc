/** Which sites of a machine pass requests on, and which answer them: ARR and its nodes may be on one machine. */
import { hostOfServer, type Route, schemeOf } from '../read/arr_routes.ts'
import type { Machine } from '../read/machine.ts'
import type { Site } from '../read/site.ts'
import { isSame } from '../read/xml_element.ts'

/** A machine that sends requests to others by ARR: to web farms, or as a plain reverse proxy. */
export const isBalancer = ({ farms, proxy }: Machine): boolean =>
  farms.some(({ servers }) => servers.length > 0) || proxy.servers.length > 0

/**
 * The sites whose requests go to other servers. A server of a web farm that is a site of the same machine answers
 * itself.
 */
export function frontSites(machine: Machine): Site[] {
  if (!isBalancer(machine)) return []
  const own = ownServers(machine)
  const others = machine.sites.filter((site) => !own.includes(site))
  const routes = machine.routes.filter(({ isEnabled }) => isEnabled)
  // Requests come in somewhere: where all sites look like servers of a farm, a port is not as written.
  const sites = others.length === 0 ? machine.sites : others
  return sites.filter((site) => routes.length === 0 || routes.some((route) => reaches(route, site)))
}

function reaches({ where, hosts }: Route, { name, bindings }: Site): boolean {
  if (where.location !== '') return isSame(where.location.split('/')[0] ?? '', name)
  return hosts.length === 0 || bindings.some(({ host }) => host === '' || hosts.includes(host))
}

const loopback = ['localhost', '127.0.0.1', '::1']

function ownServers({ farms, proxy, routes, sites }: Machine): Site[] {
  const own = new Set([...loopback, ...sites.flatMap((site) => site.bindings.map(({ ip }) => ip))])
  const servers = [
    ...farms.flatMap((farm) =>
      farm.servers.map((server) => ({
        host: hostOfServer(server),
        port: schemeOf(farm, routes) === 'https' ? server.httpsPort.value : server.httpPort.value,
      })),
    ),
    ...proxy.servers,
  ]
  const here = servers.flatMap(({ host, port }) =>
    host !== undefined && own.has(host.toLowerCase()) ? [{ host, port }] : [],
  )
  return sites.filter(({ bindings }) =>
    bindings.some(({ ip, port }) =>
      here.some((server) => server.port === port && [server.host, ''].includes(loopbackAsAny(ip))),
    ),
  )
}

const loopbackAsAny = (ip: string) => (loopback.includes(ip) ? '' : ip)
