import { hostPort } from '../../addresses/host_port.ts'
import { offLimits } from '../../addresses/off_limits.ts'
import { reservedNames, type Site, type Target } from '../../model/farm.ts'
import { usualPort } from '../schema/addresses_and_urls.ts'
import { nodeName, type WrittenNode } from '../schema/farm_keys.ts'
import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'

/** Builds the listed nodes of a farm; `path` is that of the list. */
export function buildNodes(
  written: readonly (WrittenNode | undefined)[],
  path: Path,
  site: Site,
  reading: Reading,
): Target[] {
  const nodes: Target[] = []
  const nameAt = new Map<string, string>()
  const nameLike = new Map<string, string>()
  for (const [index, node = {}] of written.entries()) {
    const { name: _name, address: where, scheme = site.scheme, crosscheck: _crosscheck, ...plain } = node
    const name = nodeName(node)
    if (name !== undefined && reservedNames.has(name))
      reading.problem(
        [...path, index, 'name'],
        `a reserved name: ${JSON.stringify(name)}; call the node something else`,
      )
    const like = name === undefined ? undefined : nameLike.get(name.toLowerCase())
    if (name !== undefined && like !== undefined && like !== name)
      reading.warn(
        [...path, index, 'name'],
        `${name} and ${like} differ in case alone, which served_by does not tell apart; call one of them something else`,
      )
    if (name !== undefined) nameLike.set(name.toLowerCase(), name)
    if (where === undefined || name === undefined) continue
    const at = [...path, index, 'address']
    const { host, port = usualPort(site, scheme) } = where
    warnOfOffLimits(host, at, reading)
    const address = hostPort({ host, port })
    const other = nameAt.get(address)
    if (other === undefined) nameAt.set(address, name)
    else
      reading.warn(
        at,
        `${address} is the address of ${other} too: both names stand for one server; correct it, or remove one`,
      )
    nodes.push({ ...plain, role: 'node', name, scheme, host, port })
  }
  return nodes
}

/** Only the configuration itself can make farmprobe probe such an address; it may be a mistake. */
export function warnOfOffLimits(host: string, path: Path, reading: Reading): void {
  const what = offLimits(host)
  if (what !== undefined)
    reading.warn(path, `${host} is ${what}: it is probed only because this file names it; is that intended?`)
}
