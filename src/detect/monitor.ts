/**
 * Watches one farm: takes the outcomes of its probes as they come and says what happened. It reads no clock: time is
 * what the outcomes say and what `advance` is told, so that a year of a farm can be watched in a second, twice alike.
 */

import type { FarmEvent } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'
import { endedMs, type Outcome, type Proof, proofOf } from '../model/outcome.ts'
import { observeBaseline, suspicious } from './baseline.ts'
import { isBalancerError } from './blame/attribution.ts'
import { advanceInquiry, endRun, openCase } from './blame/open_cases.ts'
import { setBack } from './clock_set_back.ts'
import {
  createFarmWatch,
  type FarmWatch,
  type Series,
  setFarm,
  type Tell,
  type Untagged,
} from './farm_state.ts'
import { advanceNode, noteAnswer, observeNode } from './node_monitor.ts'
import { noteSlot } from './open_slots.ts'
import { advanceOutage, type OutageChange, observeOutage } from './outage.ts'
import { type Readings, readingsOf } from './readings.ts'
import { advanceHabits } from './recycle/habits.ts'
import {
  baselinesOf,
  type MonitorBaselines,
  type MonitorSnapshot,
  type MonitorState,
  restoreFrom,
  stateOf,
} from './snapshot.ts'
import { advanceVerdict, observeVerdict, type VerdictChange } from './verdict.ts'

export interface MonitorOptions {
  /** Whether a moment, in wall milliseconds, lies in a maintenance window; none does unless given. */
  readonly inMaintenance?: (atMs: number) => boolean
  /** What an earlier monitor of this farm knew. */
  readonly snapshot?: MonitorSnapshot
}

export interface Monitor {
  /** Takes in an outcome; outcomes come roughly in the order in which the probes ended. */
  observe(outcome: Outcome): FarmEvent[]
  /** Draws the conclusions that only needed time; to be called about once a second with wall milliseconds. */
  advance(nowMs: number): FarmEvent[]
  /** Goes on with a changed farm; what is unchanged keeps its state. */
  setFarm(farm: Farm): void
  /** How things stand, for gauges and pages. */
  readings(nowMs: number): Readings
  /** What is going on, worth keeping across a restart with every event; plain JSON. */
  state(): MonitorState
  /** What is normal, worth keeping about once a minute; plain JSON. */
  baselines(): MonitorBaselines
}

/** Conclusions that need time are drawn this often while outcomes come, in milliseconds. */
const advanceEveryMs = 250
/** An outcome this much older than the newest time known means that the wall clock was set back. */
const setBackMs = 60_000

/** A monitor of a farm that has not been probed yet. */
export function createMonitor(farm: Farm, options: MonitorOptions = {}): Monitor {
  const watch = createFarmWatch(farm)
  if (options.snapshot !== undefined) restoreFrom(options.snapshot, watch)
  const inMaintenance = options.inMaintenance ?? (() => false)
  let events: FarmEvent[] = []
  const tell = (event: Untagged) => {
    events.push({ ...event, farm: watch.farm.name, maintenance: inMaintenance(event.atMs) })
  }
  const take = (): FarmEvent[] => {
    const taken = events
    if (taken.length > 0) events = []
    return taken
  }
  return {
    observe(outcome) {
      observe(watch, outcome, tell)
      return take()
    },
    advance(nowMs) {
      watch.nowMs = Math.max(watch.nowMs, nowMs)
      advance(watch, tell)
      return take()
    },
    setFarm: (next) => setFarm(watch, next),
    readings: (nowMs) => readingsOf(watch, nowMs),
    state: () => stateOf(watch),
    baselines: () => baselinesOf(watch),
  }
}

function observe(watch: FarmWatch, outcome: Outcome, tell: Tell): void {
  const series = watch.series.get(outcome.target)?.get(outcome.check)
  if (series === undefined) return
  keepTime(watch, endedMs(outcome))
  const proof = proofOf(outcome)
  if (outcome.lane === 'tick') {
    noteSlot(series.slots, outcome.slotMs)
    tellVerdict(series, observeVerdict(series.verdict, outcome, proof, watch.nowMs), tell)
  }
  tellOutages(watch, series, observeOutage(series.outage, outcome, proof, series.slots, watch.nowMs), tell)
  const slow = proof === 'ok' && noteSpeed(series, outcome, watch.nowMs)
  if (series.node !== undefined) observeNode(watch, series.node, series, outcome, proof, slow, tell)
  else observeBalancer(watch, series, outcome, proof, slow, tell)
  if (watch.nowMs >= watch.advanceAtMs) advance(watch, tell)
}

function keepTime(watch: FarmWatch, endMs: number): void {
  if (endMs > watch.nowMs) watch.nowMs = endMs
  else if (endMs < watch.nowMs - setBackMs) setBack(watch, endMs)
}

/** Whether the answer was suspiciously slow. Bursts and sweeps run in trouble and would bend the baseline. */
function noteSpeed({ baseline }: Series, outcome: Outcome, nowMs: number): boolean {
  const { firstByteMs, suspect, lane } = outcome
  if (firstByteMs === undefined) return false
  const slow = suspicious(baseline, firstByteMs)
  if (!suspect && (lane === 'tick' || lane === 'canary')) observeBaseline(baseline, firstByteMs, nowMs)
  return slow
}

function observeBalancer(
  watch: FarmWatch,
  series: Series,
  outcome: Outcome,
  proof: Proof,
  slow: boolean,
  tell: Tell,
): void {
  const { servedBy, check } = outcome
  const name = servedBy === undefined ? undefined : watch.nodeNames(servedBy)
  const server = name === undefined ? undefined : watch.series.get(name)?.get(check)
  if (server?.node !== undefined && proof === 'ok')
    noteAnswer(watch, server.node, server, outcome, proof, slow, tell)
  if (proof === 'ok') endRun(watch.inquiry, check)
  else if (isBalancerError(outcome, proof)) openCase(watch, outcome, series.check.timeoutMs, tell)
}

function advance(watch: FarmWatch, tell: Tell): void {
  watch.advanceAtMs = watch.nowMs + advanceEveryMs
  for (const series of watch.closing)
    tellOutages(watch, series, advanceOutage(series.outage, series.slots, watch.nowMs), tell)
  for (const [check, verdict] of watch.verdicts) tellChange(check, advanceVerdict(verdict, watch.nowMs), tell)
  for (const node of watch.nodes.values()) advanceNode(watch, node, tell)
  advanceInquiry(watch, tell)
  for (const regularity of advanceHabits(watch.habits, watch.nowMs))
    tell({ kind: 'habit', atMs: watch.nowMs, ...regularity })
}

const tellVerdict = (series: Series, change: VerdictChange | undefined, tell: Tell): void =>
  tellChange(series.check.name, change, tell)

function tellChange(check: string, change: VerdictChange | undefined, tell: Tell): void {
  if (change !== undefined) tell({ kind: 'verdict', check, ...change })
}

function tellOutages(watch: FarmWatch, series: Series, changes: readonly OutageChange[], tell: Tell): void {
  const { target, check } = series
  const subject = { role: target.role, target: target.name, check: check.name }
  for (const change of changes) {
    const { openedMs: atMs, reason, detail, failures } = change.outage
    if (change.kind === 'opened') tell({ kind: 'outage_opened', atMs, ...subject, reason, detail })
    else tell({ kind: 'outage_closed', atMs, ...subject, reason, lengthMs: change.okMs - atMs, failures })
  }
  if (series.outage.state.kind === 'recovered') watch.closing.add(series)
  else if (watch.closing.size > 0) watch.closing.delete(series)
}
