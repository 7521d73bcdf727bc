/** What is not the same on every node of a farm. */
import type { Machine } from '../read/machine.ts'
import { wholeFile } from '../read/place.ts'
import { printable, quoted } from '../read/printable.ts'
import { byHand } from './cure_commands.ts'
import type { Found, Rule } from './finding.ts'
import { type NodeValue, nodeValues } from './node_values.ts'
import { isBalancer } from './scope.ts'

const nodesDiffer: Rule = {
  id: 'nodes-differ',
  severity: 'warning',
  title: 'A setting that is not the same on all nodes of a farm',
  meaning:
    'One node behaves otherwise than the others: some users meet a cold or failing node, and a retry hides it.',
  look: (machines) =>
    farmsOfNodes(machines).flatMap((nodes) => {
      const views = nodes.map((machine) => ({ machine, values: byKey(nodeValues(machine)) }))
      return [...valuesThatDiffer(views), ...thingsMissing(views)]
    }),
}

interface View {
  readonly machine: Machine
  readonly values: ReadonlyMap<string, NodeValue>
}

/** Nodes that have a site in common are of one farm. */
function farmsOfNodes(machines: readonly Machine[]): Machine[][] {
  const farms: { readonly sites: Set<string>; readonly nodes: Machine[] }[] = []
  for (const machine of machines) {
    if (isBalancer(machine)) continue
    const sites = new Set(machine.sites.map(({ name }) => name.toLowerCase()))
    const known = farms.find((farm) => !farm.sites.isDisjointFrom(sites))
    if (known === undefined) farms.push({ sites, nodes: [machine] })
    else {
      known.nodes.push(machine)
      for (const site of sites) known.sites.add(site)
    }
  }
  return farms.map(({ nodes }) => nodes).filter(({ length }) => length > 1)
}

const keyOf = ({ subject, name }: NodeValue) => `${subject.toLowerCase()} ${name}`

const byKey = (values: readonly NodeValue[]) => new Map(values.map((value) => [keyOf(value), value]))

function valuesThatDiffer(views: readonly View[]): Found[] {
  const keys = new Set(views.flatMap(({ values }) => [...values.keys()]))
  return [...keys].flatMap((key) => {
    const present = views.flatMap(({ values }) => values.get(key) ?? [])
    const common = commonest(present)
    if (common === undefined) return []
    return present
      .filter((value) => !isSameValue(value, common))
      .map((value) => differing(value, common, present))
  })
}

const isSameValue = (a: NodeValue, b: NodeValue) => a.value.toLowerCase() === b.value.toLowerCase()

/** What most nodes have; of two that are as common, what the first node has. */
function commonest(values: readonly NodeValue[]): NodeValue | undefined {
  const groups = [...Map.groupBy(values, ({ value }) => value.toLowerCase()).values()]
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0]
}

function differing(value: NodeValue, common: NodeValue, all: readonly NodeValue[]): Found {
  const { subject, name, place } = value
  const others = all.filter((each) => isSameValue(each, common)).length
  return {
    place,
    subject,
    what: `${name} is ${shown(value)} here and ${shown(common)} on ${others === 1 ? 'another node' : `${others} other nodes`}`,
    mend: value.mend?.(common.value) ?? byHand(`make it ${shown(common)}, or change the other nodes`),
  }
}

const shown = ({ value }: NodeValue) => (/^[\w:.]+$/.test(value) ? printable(value) : quoted(value))

/** An application or a pool that most nodes have and one has not. */
function thingsMissing(views: readonly View[]): Found[] {
  const bySubject = new Map<string, { readonly subject: string; readonly on: Set<Machine> }>()
  for (const { machine, values } of views)
    for (const { subject } of values.values()) {
      const key = subject.toLowerCase()
      const known = bySubject.get(key) ?? { subject, on: new Set() }
      known.on.add(machine)
      bySubject.set(key, known)
    }
  return [...bySubject.values()].flatMap(({ subject, on }) =>
    views
      .filter(({ machine }) => !on.has(machine))
      .map(({ machine }) => ({
        place: wholeFile(machine.file),
        subject,
        what: `it is missing here, and there on ${on.size === 1 ? 'another node' : `${on.size} other nodes`}`,
        mend: byHand('create it here as it is there, or take it away there'),
      })),
  )
}

/** Rules that need the files of several nodes. */
export const differenceRules: readonly Rule[] = [nodesDiffer]
