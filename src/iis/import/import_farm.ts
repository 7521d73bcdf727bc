import { hostPort } from '../../addresses/host_port.ts'
import { type Place, placeText } from '../../model/place.ts'
import { hostOfServer, nodesOf, routesOf } from '../read/arr_routes.ts'
import type { Machine } from '../read/machine.ts'
import type { Proxied } from '../read/proxy.ts'
import { printable, quoted } from '../read/remark.ts'
import type { Setting } from '../read/setting.ts'
import type { WebFarm } from '../read/web_farm.ts'
import { durationText, hostQuestion, source, writeHealthCheck } from './health_check.ts'
import { writeWindowsAuth } from './import_windows_auth.ts'
import { type PublicUrl, publicUrlOf, sitesOf } from './public_url.ts'
import { nameGiver } from './unique_names.ts'
import { scalar, type YamlLines } from './yaml_lines.ts'

/** Writes a web farm of ARR as a farm; returns the number of its nodes. */
export function writeFarm(farm: WebFarm, name: string, machine: Machine, lines: YamlLines): number {
  const url = publicUrlOf(farm.name, routesOf(farm, machine.routes), machine.sites)
  lines.blank()
  lines.comment(1, `The web farm ${quoted(farm.name)} of ARR.`)
  writeHead(name, farm.place, url, lines)
  remarkHost(farm, lines)
  const nodes = writeNodes(farm, machine, url, lines)
  writeAffinity(farm, lines)
  writeIdentity(lines)
  writeChecks(farm, machine, url, lines)
  return nodes
}

/** Writes what a server is that rules send to without a web farm; returns the number of its nodes. */
export function writeProxied(server: Proxied, name: string, machine: Machine, lines: YamlLines): number {
  const { blank, comment, entry, item, open } = lines
  const { host, port, scheme, routes } = server
  const { proxy, sites } = machine
  const [route] = routes
  const address = hostPort({ host, port })
  const url = publicUrlOf(name, routes, sites)
  blank()
  comment(1, `${address}, which ARR sends to as a reverse proxy, without a web farm.`)
  writeHead(name, route?.place, url, lines)
  if (!proxy.preserveHostHeader.value) {
    comment(2, `ARR sends the server its own address as Host (${source(proxy.preserveHostHeader)}).`)
    lines.ask(hostQuestion)
  }
  open(2, 'nodes')
  item()
  entry(4, 'name', scalar(host), route && placeText(route.place))
  entry(4, 'address', JSON.stringify(address))
  if (scheme !== url.scheme) entry(4, 'scheme', scheme, 'as the rewrite rule speaks to the server')
  writeIdentity(lines)
  writePatientCheck(proxy.timeoutMs, lines)
  writeWindowsAuth(sitesOf(routes, sites), machine, lines)
  return 1
}

export function writeHead(name: string, place: Place | undefined, url: PublicUrl, lines: YamlLines): void {
  const { ask, comment, entry, item } = lines
  item()
  entry(2, 'name', scalar(name), place && placeText(place))
  if (url.source !== '') comment(2, url.source)
  entry(2, 'url', url.url, url.place && placeText(url.place))
  ask(url.question)
}

function remarkHost({ preserveHostHeader, alternateHostName }: WebFarm, { ask, comment }: YamlLines): void {
  if (preserveHostHeader.value) return
  const sent = alternateHostName.value === '' ? 'their own names' : quoted(alternateHostName.value)
  const place = alternateHostName.value === '' ? preserveHostHeader.place : alternateHostName.place
  comment(2, `ARR sends its servers ${sent} as Host (${placeText(place)}).`)
  ask(hostQuestion)
}

function writeNodes(farm: WebFarm, { file, routes }: Machine, url: PublicUrl, lines: YamlLines): number {
  const { comment, decide, entry, item, open } = lines
  const nodes = nodesOf(farm, routes)
  const giveName = nameGiver()
  comment(2, 'Or follow the file, so that servers come and go by themselves; then drop the nodes below:')
  comment(2, `discover: { iis: { path: ${quotedScalar(file)}, farm: ${quotedScalar(farm.name)} } }`)
  if (nodes.length > 0) open(2, 'nodes')
  for (const { name, scheme, host, port, server } of nodes) {
    item()
    entry(4, 'name', scalar(giveName(name, `node-${name}`)), placeText(server.place))
    const portSetting = scheme === 'https' ? server.httpsPort : server.httpPort
    entry(4, 'address', JSON.stringify(hostPort({ host, port })), source(portSetting))
    if (scheme !== url.scheme) entry(4, 'scheme', scheme, 'as the rewrite rule speaks to the servers')
  }
  for (const server of farm.servers) {
    const { address, enabled, place } = server
    if (!enabled.value)
      comment(2, `Left out: ${printable(address)}, which is disabled (${placeText(enabled.place)}).`)
    else if (hostOfServer(server) === undefined)
      decide(2, `${quoted(address)} is neither a host name nor an address (${placeText(place)}).`)
  }
  return nodes.length
}

const quotedScalar = (value: string) => JSON.stringify(printable(value).replaceAll('$', '$$$$'))

function writeAffinity({ usesCookie, cookieName }: WebFarm, { comment, entry, open }: YamlLines): void {
  if (!usesCookie.value) return
  comment(
    2,
    'ARR keeps each user on one server by a cookie. Its value is no name of a node; better is a header',
  )
  comment(2, 'that each node sets, such as X-Node:')
  const isToken = /^[\w.-]+$/.test(cookieName.value)
  open(2, 'served_by', placeText(usesCookie.place))
  const cookie = isToken ? scalar(cookieName.value) : 'ARRAffinity'
  entry(3, 'cookie', cookie)
  comment(
    2,
    `With such a header farmprobe can also ask for each node through ARR: affinity: { cookie: ${cookie} }`,
  )
}

/** Identities are not part of IIS's configuration. */
export function writeIdentity({ ask }: YamlLines): void {
  ask(
    'does an answer tell which worker process gave it? Then write identity: { header: X-Worker } or its like below the url, ' +
      'and every recycle is seen for sure.',
  )
}

export function writeHomeCheck({ ask, entry, item, open }: YamlLines): void {
  ask('is / a page that runs the application? A static file is served by a cold node too.')
  open(2, 'checks')
  item()
  entry(4, 'name', 'home')
  entry(4, 'path', '/')
}

function writeChecks(farm: WebFarm, machine: Machine, url: PublicUrl, lines: YamlLines): void {
  writePatientCheck(farm.timeoutMs, lines)
  writeWindowsAuth(sitesOf(routesOf(farm, machine.routes), machine.sites), machine, lines)
  writeHealthCheck(farm, new URL(url.url).hostname, lines)
}

function writePatientCheck(arrTimeoutMs: Setting<number>, lines: YamlLines): void {
  const { comment, entry } = lines
  const { value: arrMs } = arrTimeoutMs
  const timeoutMs = Math.min(120_000, Math.max(30_000, 2 * arrMs))
  writeHomeCheck(lines)
  comment(4, `ARR answers 502 in a node's place after ${durationText(arrMs)} (${source(arrTimeoutMs)}).`)
  entry(4, 'timeout', durationText(timeoutMs), 'longer, so that a slow first request is measured whole')
  entry(4, 'overlap', String(Math.ceil(timeoutMs / 10_000)))
}
