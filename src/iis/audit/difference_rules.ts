/** Differences between the nodes of a farm. */
import { type Place, wholeFile } from '../../model/place.ts'
import type { Pool } from '../read/app_pool.ts'
import type { Machine } from '../read/machine.ts'
import { printable, quoted } from '../read/remark.ts'
import { attributeName, type Setting } from '../read/setting.ts'
import type { Application } from '../read/site.ts'
import { byHand } from './cure_commands.ts'
import type { Found, Mend, Rule } from './finding.ts'
import { applicationsOf, applicationThing, isNode, poolThing, type Thing, usedPools } from './scope.ts'

const nodesDiffer: Rule = {
  id: 'nodes-differ',
  isApart: true,
  severity: 'warning',
  todo: 'make the nodes alike',
  title: 'A setting that differs between the nodes of a farm',
  meaning: 'One node behaves differently: some users meet a cold or failing node, and a retry hides it.',
  look: (machines) =>
    farmsOfNodes(machines).flatMap((nodes) => {
      const views = nodes.map((machine) => ({ machine, values: byKey(nodeValues(machine)) }))
      return [...valuesThatDiffer(views), ...thingsMissing(views)]
    }),
}

/** One value of a node that should be the same on every other node of its farm. */
interface NodeValue {
  /** `pool "intranet"`. */
  readonly subject: string
  /** `startMode`, as IIS writes it. */
  readonly name: string
  readonly value: string
  readonly place: Place
  readonly mend?: (value: string) => Mend
}

function nodeValues(machine: Machine): NodeValue[] {
  return [
    ...usedPools(machine).flatMap(({ pool }) => poolValues(pool)),
    ...applicationsOf(machine).flatMap((application) => applicationValues(application, machine)),
  ]
}

/** All settings of a pool but when it recycles, which may and should differ. */
function poolValues({ name, place: _place, recycleAt: _recycleAt, ...settings }: Pool): NodeValue[] {
  const thing = poolThing({ name })
  return Object.values(settings).map((setting) => valueOf(thing, setting))
}

const valueOf = ({ subject, set }: Thing, setting: Setting<unknown>): NodeValue => ({
  subject,
  name: attributeName(setting),
  value: setting.text,
  place: setting.place,
  mend: (value) => set(setting.name, value),
})

function applicationValues(application: Application, { warmups }: Machine): NodeValue[] {
  const { id, pool, preload, place } = application
  const thing = applicationThing(application)
  const pages = warmups.get(id)?.pages ?? []
  return [
    valueOf(thing, pool),
    valueOf(thing, preload),
    {
      subject: thing.subject,
      name: 'initializationPage',
      value: pages.map(({ url }) => url).join(', ') || 'none',
      place: pages[0]?.place ?? place,
    },
  ]
}

interface View {
  readonly machine: Machine
  readonly values: ReadonlyMap<string, NodeValue>
}

/** Nodes that have a site in common are of one farm. */
function farmsOfNodes(machines: readonly Machine[]): Machine[][] {
  const farms: { readonly sites: Set<string>; readonly nodes: Machine[] }[] = []
  for (const machine of machines.filter(isNode)) {
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

const byKey = (values: readonly NodeValue[]) =>
  new Map(values.map((value) => [`${value.subject.toLowerCase()} ${value.name}`, value]))

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

/** The most common value; of two equally common ones, the first node's. */
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
    what: `${name} is ${shown(value)} here and ${shown(common)} on ${otherNodes(others)}`,
    mend: value.mend?.(common.value) ?? byHand(`make it ${shown(common)}, or change the other nodes`),
  }
}

const otherNodes = (count: number) => (count === 1 ? 'another node' : `${count} other nodes`)

const shown = ({ value }: NodeValue) => (/^[\w:.]+$/.test(value) ? printable(value) : quoted(value))

/** Applications and pools that only some nodes have. */
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
        what: `it is missing here, and exists on ${otherNodes(on.size)}`,
        mend: byHand('create it here as it is there, or remove it there'),
      })),
  )
}

export const differenceRules: readonly Rule[] = [nodesDiffer]
