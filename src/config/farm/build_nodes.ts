import { offLimits } from '../../addresses/off_limits.ts'
import type { Site, Target } from '../../model/farm.ts'
import { formatAddress, usualPort } from '../schema/addresses_and_urls.ts'
import type { WrittenNode } from '../schema/farm_schema.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { reservedNames } from './node_names.ts'
import { refuseSameNames } from './same_names.ts'

/** The nodes that a farm lists; `path` is that of the list. */
export function buildNodes(
  written: readonly (WrittenNode | undefined)[],
  path: Path,
  site: Site,
  reading: Reading,
): Target[] {
  const named = written.map((node, index) => ({ name: nameOf(node), path: [...path, index] }))
  for (const { name, path: at } of named)
    if (name !== undefined && reservedNames.has(name))
      reading.problem(
        [...at, 'name'],
        `a reserved name: ${JSON.stringify(name)}; call the node something else`,
      )
  for (const [index, node] of written.entries())
    if (node?.address !== undefined) warnOfOffLimits(node.address.host, [...path, index, 'address'], reading)
  refuseSameNames(named, reading)
  const nodes = written.map((node) => targetOf(node, site))
  warnOfSameAddresses(nodes, path, reading)
  return nodes.filter((node) => node !== undefined)
}

/** What nobody else can lead us to is probed when this file says so; it may be a slip. */
export function warnOfOffLimits(host: string, path: Path, reading: Reading): void {
  const what = offLimits(host)
  if (what !== undefined)
    reading.warn(path, `${host} is ${what}: it is probed only because it is written here; is it meant?`)
}

/** Undefined where nothing right was written that it could be called by. */
export function nameOf(node: WrittenNode | undefined): string | undefined {
  if (node?.name !== undefined || node?.address === undefined) return node?.name
  const { host, port } = node.address
  return port === undefined ? host : formatAddress(host, port)
}

function targetOf(node: WrittenNode | undefined, site: Site): Target | undefined {
  const name = nameOf(node)
  if (node?.address === undefined || name === undefined) return undefined
  const { host, port } = node.address
  const scheme = node.scheme ?? site.scheme
  return { role: 'node', name, scheme, host, port: port ?? usualPort(site, scheme) }
}

/** `path` is that of the list. */
function warnOfSameAddresses(nodes: readonly (Target | undefined)[], path: Path, reading: Reading): void {
  const first = new Map<string, string>()
  for (const [index, node] of nodes.entries()) {
    if (node === undefined) continue
    const address = formatAddress(node.host, node.port)
    const other = first.get(address)
    if (other === undefined) first.set(address, node.name)
    else
      reading.warn(
        [...path, index, 'address'],
        `${address} is the address of ${other} too: both names stand for one server; correct it, or drop one`,
      )
  }
}
