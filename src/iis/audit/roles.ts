/** Which sites of a machine pass requests on, and which answer them: ARR and its nodes may be on one machine. */
import { hostOfServer, type Route, routesOf, schemeOf } from '../read/arr_routes.ts'
import type { Machine } from '../read/machine.ts'
import type { Site } from '../read/site.ts'
import { isSame } from '../read/xml_element.ts'

/** A machine that sends requests to others by ARR: to web farms, or as a plain reverse proxy. */
export const isBalancer = ({ farms, proxy }: Machine): boolean =>
  farms.some(({ servers }) => servers.length > 0) || proxy.servers.length > 0

/** Do requests for a site go to other servers? A server of a web farm that is a site of the same machine answers itself. */
export function isFront(site: Site, machine: Machine): boolean {
  const { sites } = machine
  // Requests come in somewhere: where all sites look like servers of a farm, a port is not as written.
  const isOwn = isOwnServer(site, machine) && !sites.every((each) => isOwnServer(each, machine))
  if (!isBalancer(machine) || isOwn) return false
  const routes = machine.routes.filter(({ isEnabled }) => isEnabled)
  return routes.length === 0 || routes.some((route) => reaches(route, site))
}

function reaches({ where, hosts }: Route, { name, bindings }: Site): boolean {
  if (where.location !== '') return isSame(where.location.split('/')[0] ?? '', name)
  return hosts.length === 0 || bindings.some(({ host }) => host === '' || hosts.includes(host))
}

const loopback = ['localhost', '127.0.0.1', '::1']

function isOwnServer({ bindings }: Site, { farms, proxy, routes, sites }: Machine): boolean {
  const own = new Set([...loopback, ...sites.flatMap((site) => site.bindings.map(({ ip }) => ip))])
  const servers = [
    ...farms.flatMap((farm) =>
      farm.servers.map((server) => ({
        host: hostOfServer(server),
        port:
          schemeOf(farm, routesOf(farm, routes)) === 'https' ? server.httpsPort.value : server.httpPort.value,
      })),
    ),
    ...proxy.servers,
  ]
  return servers.some(
    ({ host, port }) =>
      host !== undefined &&
      own.has(host.toLowerCase()) &&
      bindings.some((binding) => binding.port === port && [host, ''].includes(loopbackAsAny(binding.ip))),
  )
}

const loopbackAsAny = (ip: string) => (loopback.includes(ip) ? '' : ip)
