import type { Site, Target } from '../model/farm.ts'
import { offLimits } from '../model/off_limits.ts'
import type { WrittenNode } from './farm_schema.ts'
import { reservedNames } from './node_names.ts'
import { formatAddress, usualPort } from './places_on_the_net.ts'
import type { Path } from './problem.ts'
import type { Reading } from './reading.ts'
import { refuseSameNames } from './same_names.ts'

/** The nodes that a farm lists; `path` is that of the list. */
export function buildNodes(
  written: readonly (WrittenNode | undefined)[],
  path: Path,
  site: Site,
  reading: Reading,
): Target[] {
  const named: { name: string | undefined; path: Path }[] = []
  const nodes = written.flatMap((node, index): Target[] => {
    if (node?.address === undefined) return []
    const { host, port } = node.address
    warnOfOffLimits(host, [...path, index, 'address'], reading)
    const scheme = node.scheme ?? site.scheme
    const name = node.name ?? (port === undefined ? host : formatAddress(host, port))
    named.push({ name, path: [...path, index] })
    if (reservedNames.has(name))
      reading.problem(
        [...path, index, 'name'],
        `a reserved name: ${JSON.stringify(name)}; call the node something else`,
      )
    return [{ role: 'node', name, scheme, host, port: port ?? usualPort(site, scheme) }]
  })
  refuseSameNames(named, reading)
  warnOfSameAddresses(nodes, named, reading)
  return nodes
}

/** What nobody else can lead us to is probed when this file says so; it may be a slip. */
export function warnOfOffLimits(host: string, path: Path, reading: Reading): void {
  const what = offLimits(host)
  if (what !== undefined)
    reading.warn(path, `${host} is ${what}: it is probed only because it is written here; is it meant?`)
}

function warnOfSameAddresses(
  nodes: readonly Target[],
  named: readonly { path: Path }[],
  reading: Reading,
): void {
  const first = new Map<string, string>()
  for (const [index, { host, port, name }] of nodes.entries()) {
    const address = formatAddress(host, port)
    const other = first.get(address)
    if (other === undefined) first.set(address, name)
    else
      reading.warn(
        [...(named[index]?.path ?? []), 'address'],
        `${address} is the address of ${other} too: both names stand for one server; correct it, or drop one`,
      )
  }
}
