/** All that is known of one farm: its nodes, its checks, and each pair of a target and a check. */

import type { FarmEvent } from '../model/event.ts'
import { type Check, type Farm, type Target, targetsOf } from '../model/farm.ts'
import { type Baseline, createBaseline } from './baseline.ts'
import { createInquiry, type Inquiry } from './blame/open_cases.ts'
import { type NodeNames, nodeNames } from './blame/served_node.ts'
import { createNodeWatch, type NodeWatch } from './node_state.ts'
import { createSlots, type Slots } from './open_slots.ts'
import { createOutageTracker, type OutageTracker } from './outage.ts'
import { createDeploy, type DeployState } from './recycle/deploy.ts'
import { createHabits, type HabitState, retainHabits } from './recycle/habits.ts'
import { createIdentity, type IdentityState } from './recycle/identity.ts'
import { type ColdMemory, createColdMemory } from './recycle/natural_slowness.ts'
import { createQuiet, type Quiet } from './recycle/quiet_time.ts'
import { createStoppage, type Stoppage } from './recycle/stopped_pool.ts'
import { createVerdict, setVerdictTargets, type VerdictState } from './verdict.ts'

/** One target under one check. */
export interface Series {
  readonly target: Target
  readonly check: Check
  readonly baseline: Baseline
  readonly outage: OutageTracker
  readonly slots: Slots
  readonly verdict: VerdictState
  /** Undefined for the balancer. */
  readonly node: NodeWatch | undefined
  /** The workers that answer this check on this node: another check may be another pool's. */
  readonly identity: IdentityState
  /** How slow this check's answers can be by nature, on any node: they all run the same application. */
  readonly cold: ColdMemory
  readonly quiet: Quiet
  readonly stoppage: Stoppage
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** An event before it is known whether it happened in maintenance. */
export type Untagged = DistributiveOmit<FarmEvent, 'farm' | 'maintenance'>

export type Tell = (event: Untagged) => void

export interface FarmWatch {
  farm: Farm
  /** The newest time that anything told of, wall milliseconds. */
  nowMs: number
  /** When conclusions that need time are drawn next. */
  advanceAtMs: number
  /** By target, then by check. */
  series: Map<string, Map<string, Series>>
  nodes: Map<string, NodeWatch>
  /** Which node a balancer's answer names. */
  nodeNames: NodeNames
  verdicts: Map<string, VerdictState>
  colds: Map<string, ColdMemory>
  readonly deploy: DeployState
  readonly habits: HabitState
  readonly inquiry: Inquiry
  /** Series whose outage waits for probes that are still out. */
  readonly closing: Set<Series>
}

/** A farm that has not been probed yet. */
export function createFarmWatch(farm: Farm): FarmWatch {
  const watch: FarmWatch = {
    farm,
    nowMs: Number.NEGATIVE_INFINITY,
    advanceAtMs: Number.NEGATIVE_INFINITY,
    series: new Map(),
    nodes: new Map(),
    nodeNames: nodeNames(farm),
    verdicts: new Map(),
    colds: new Map(),
    deploy: createDeploy(),
    habits: createHabits(),
    inquiry: createInquiry(),
    closing: new Set(),
  }
  setFarm(watch, farm)
  return watch
}

/** Takes over a changed farm. A series whose target and check are the same in all that matters keeps its state. */
export function setFarm(watch: FarmWatch, farm: Farm): void {
  const before = watch.series
  watch.farm = farm
  watch.nodeNames = nodeNames(farm)
  watch.nodes = new Map(farm.nodes.map(({ name }) => [name, watch.nodes.get(name) ?? createNodeWatch(name)]))
  watch.verdicts = new Map(farm.checks.map(({ name }) => [name, watch.verdicts.get(name) ?? createVerdict()]))
  watch.colds = new Map(farm.checks.map(({ name }) => [name, watch.colds.get(name) ?? createColdMemory()]))
  watch.series = new Map([farm.balancer, ...farm.nodes].map(({ name }) => [name, new Map()]))
  retainHabits(watch.habits, (name) => watch.nodes.has(name))
  for (const check of farm.checks) {
    const targets = targetsOf(farm, check)
    const verdict = watch.verdicts.get(check.name) ?? createVerdict()
    setVerdictTargets(verdict, targets)
    for (const target of targets) {
      const known = before.get(target.name)?.get(check.name)
      watch.series.get(target.name)?.set(check.name, createSeries(watch, target, check, verdict, known))
    }
  }
  watch.closing.clear()
  for (const series of allSeries(watch))
    if (series.outage.state.kind === 'recovered') watch.closing.add(series)
}

function createSeries(
  watch: FarmWatch,
  target: Target,
  check: Check,
  verdict: VerdictState,
  known: Series | undefined,
): Series {
  const unchanged = known !== undefined && sameRequest(known.check, check) && sameTarget(known.target, target)
  const slots = createSlots(check)
  return {
    target,
    check,
    baseline: unchanged ? known.baseline : createBaseline(),
    outage: known?.outage ?? createOutageTracker(),
    slots: known?.slots.intervalMs === slots.intervalMs ? known.slots : slots,
    verdict,
    node: target.role === 'node' ? watch.nodes.get(target.name) : undefined,
    identity: known?.identity ?? createIdentity(),
    cold: watch.colds.get(check.name) ?? createColdMemory(),
    quiet: known?.quiet ?? createQuiet(),
    stoppage: known?.stoppage ?? createStoppage(),
  }
}

/** What decides how long an answer takes: another schedule or time-out does not. */
const sameRequest = (a: Check, b: Check): boolean =>
  a.path === b.path && a.method === b.method && a.body === b.body && a.connection === b.connection

const sameTarget = (a: Target, b: Target): boolean =>
  a.scheme === b.scheme && a.host === b.host && a.port === b.port

export function* allSeries(watch: FarmWatch): Generator<Series> {
  for (const checks of watch.series.values()) yield* checks.values()
}
