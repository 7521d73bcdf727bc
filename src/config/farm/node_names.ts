import { hostPort } from '../../addresses/host_port.ts'
import { offLimits } from '../../addresses/off_limits.ts'
import { reservedNames, type Scheme, type Target } from '../../model/farm.ts'

export interface Candidate {
  /** The name to give it, if no other node has it. */
  readonly name: string
  /** Its source chose the name: another chosen name at the same address is another node, as it is another target to Prometheus. */
  readonly isChosen?: true
  readonly scheme: Scheme
  readonly host: string
  readonly port: number
}

export interface NamedNodes {
  readonly nodes: readonly Target[]
  /** Which nodes were left out or renamed, and why. */
  readonly remarks: readonly string[]
}

/**
 * Adds discovered nodes to the listed ones: one node per address, or per chosen name of one, each with a unique name. A name depends only on the
 * listed nodes and the candidates before it, so that it is the same at every refresh. An address that is off limits is
 * a node only when it is listed: those who control a DNS name or a file must not be able to make farmprobe probe it.
 */
export function nameNodes(listed: readonly Target[], candidates: readonly Candidate[]): NamedNodes {
  const byAddress = new Map(listed.map((node) => [hostPort(node), node.name]))
  const taken = new Set([...reservedNames, ...byAddress.values()])
  const chosen = new Map<string, Set<string>>()
  const nodes = [...listed]
  const remarks: string[] = []
  for (const { name, scheme, host, port, isChosen } of candidates) {
    const address = hostPort({ host, port })
    const other = byAddress.get(address)
    const isAnother = isChosen && chosen.get(address)?.has(name) === false
    if (isAnother)
      remarks.push(`${address} is node ${name} and node ${other}: both names stand for one server`)
    else if (other !== undefined) {
      if (other !== name) remarks.push(`${address} is already node ${other}, so ${name} is left out`)
      continue
    }
    const what = offLimits(host)
    if (what !== undefined) {
      remarks.push(`${address} is left out: it is ${what}; list it under nodes if it is to be probed`)
      continue
    }
    const free = freeName(name, address, taken)
    if (free !== name) remarks.push(`the name ${name} is taken, so ${address} is called ${free}`)
    taken.add(free)
    if (isChosen) chosen.set(address, (chosen.get(address) ?? new Set()).add(name))
    if (!isAnother) byAddress.set(address, free)
    nodes.push({ role: 'node', name: free, scheme, host, port })
  }
  return { nodes, remarks }
}

function freeName(wanted: string, address: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  let free = address
  for (let count = 2; taken.has(free); count++) free = `${address}-${count}`
  return free
}
