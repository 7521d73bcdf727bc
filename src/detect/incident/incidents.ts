/**
 * Incidents: one trouble of the farm from its first to its last sign, however many probes, targets and checks saw it.
 *
 *   balancer  o  o  o  x  x  o  o  o  o  o             x: a failed probe, a sign from when it was sent to when it ended
 *   web01     o  o  x  x  x  x  o  o  o  o
 *                   [----------]<-- quiet -->|         closed when nothing has failed for so long
 */
import { wasWords } from '../../model/event_sentence.ts'
import type { Incident } from '../../model/incident.ts'
import { type Outcome, proofOf } from '../../model/outcome.ts'
import { minuteMs } from '../../runtime/duration.ts'
import type { Conclusion, Detector, Emit } from '../detector.ts'
import { createMemory, joined } from '../memories.ts'
import { culpritOf } from './culprit_of.ts'
import { createFailingSeries } from './failing_series.ts'
import {
  extend,
  factsOf,
  type IncidentState,
  incidentsState,
  leadMs,
  opened,
  opensAlone,
  type Sign,
  signOf,
  type TellingFarm,
} from './incident_state.ts'
import { snapshotOf } from './snapshot_of.ts'
import {
  isPart,
  recycledLate,
  takeBlame,
  takeFailure,
  takeFirstRequest,
  takeLinkFailures,
  takeSuccess,
  takeThrough,
} from './take_signs.ts'

/** So long after its first sign an incident is told: the nodes have been asked by then, and have answered. */
const settleMs = 800
/** Attribution says who caused an error so long after its time-out at the latest, in milliseconds. */
const attributionMs = 15_000
/** So long after its end what becomes known of an incident amends it. */
const amendableMs = 15 * minuteMs

export interface IncidentOptions {
  /** After so long without a failure an incident is over, in milliseconds; a minute unless given. */
  readonly quietMs?: () => number
  /** Whether a moment, in wall milliseconds, lies in a maintenance window; none does unless given. */
  readonly inMaintenance?: (atMs: number) => boolean
}

export interface Incidents extends Detector {
  /** The id of the incident that something at this moment is a part of. */
  of(event: Pick<Conclusion, 'kind' | 'atMs'>): string | undefined
  /** Takes in a probe through the balancer to a known node. */
  through(outcome: Outcome, nowMs: number): void
  /** Those that go on, as they are known at `nowMs`, wall milliseconds. */
  open(nowMs: number): Incident[]
  /** Ends those that go on: the farm is not probed any more, and nobody will see how they end. */
  leave(nowMs: number): void
}

export function createIncidents(
  emit: Emit,
  { quietMs = () => minuteMs, inMaintenance = () => false }: IncidentOptions,
): Incidents {
  const failing = createFailingSeries()
  const known = createMemory(incidentsState)
  const kept = joined({ failing, known })
  let farm: TellingFarm = { name: '', nodes: [], asksBalancer: true, inMaintenance }

  const live = () => known.state.incidents.filter(({ closed }) => closed === undefined)
  /** The incident in whose time, or soon before it, something happened. */
  const covering = (atMs: number) =>
    known.state.incidents.findLast(
      ({ openedMs, lastMs }) => atMs >= openedMs - leadMs && atMs <= lastMs + quietMs(),
    )
  /** The incident, also one that is over, in whose time something was seen. */
  const during = ({ fromMs, toMs }: Sign) =>
    known.state.incidents.findLast(
      ({ openedMs, lastMs, closed }) =>
        fromMs <= lastMs + (closed === undefined ? quietMs() : 0) && toMs >= openedMs,
    )

  /** The incident that a sign belongs to; `goesOn`: something was failing already. */
  function incidentWith(sign: Sign, goesOn: boolean, nowMs: number): IncidentState {
    const near = live().findLast(
      ({ openedMs, lastMs }) => sign.fromMs <= lastMs + quietMs() && sign.toMs >= openedMs - quietMs(),
    )
    const incident = near ?? (goesOn ? live().at(-1) : undefined) ?? create(sign, nowMs)
    extend(incident, sign)
    return incident
  }

  function create(sign: Sign, nowMs: number): IncidentState {
    const incident = opened(farm.name, sign, nowMs)
    while (known.state.incidents.some(({ id }) => id === incident.id)) incident.id += '-2'
    incident.recycles = known.state.recycles.filter(({ atMs }) => atMs >= sign.fromMs - leadMs)
    known.state.incidents.push(incident)
    return incident
  }

  function isOver(incident: IncidentState, nowMs: number): boolean {
    const { openedMs, lastMs, owed } = incident
    const toMs = lastMs + quietMs()
    const goesOn = failing.count() > 0 || known.state.cutOff.length > 0
    if (nowMs < toMs || (goesOn && incident === live().at(-1))) return false
    if (failing.isAwaited({ fromMs: openedMs, toMs }, nowMs)) return false
    return owed <= 0 || nowMs >= lastMs + failing.timeoutMs() + attributionMs
  }

  function tell(incident: IncidentState, nowMs: number): void {
    if (incident.told === incident.impact) return
    incident.told = incident.impact
    const atMs = incident.users?.fromMs ?? incident.openedMs
    const snapshot = snapshotOf(incident, farm, nowMs)
    emit({ kind: 'incident_opened', atMs, incident: incident.id, snapshot })
  }

  /** `then`: what the sentence of one that ends now goes on with. */
  function tellEnd(incident: IncidentState, then = ''): void {
    if (incident.closed === undefined) {
      const { node, cause, confidence } = culpritOf(incident, farm.nodes)
      const summary = snapshotOf(incident, farm).summary.replace(/\.$/, `${then}.`)
      incident.closed = { node, cause, confidence, summary }
    }
    const snapshot = snapshotOf(incident, farm)
    emit({ kind: 'incident_closed', atMs: incident.lastMs, incident: incident.id, snapshot })
  }

  /** What became known of one after its end. */
  function amend(incident: IncidentState, sentence: string): void {
    incident.amended.push(sentence)
    tellEnd(incident)
  }

  function advanceOne(incident: IncidentState, nowMs: number): void {
    const { told, knownMs } = incident
    const over = isOver(incident, nowMs)
    if (over || told !== undefined || nowMs >= knownMs + settleMs) tell(incident, nowMs)
    if (over) tellEnd(incident)
  }

  function takeRecycle(event: Extract<Conclusion, { kind: 'recycle' }>): void {
    const { target: node, atMs, evidence, confidence } = event
    const recycle = { node, atMs, evidence, confidence, why: undefined }
    known.state.recycles.push(recycle)
    const incident = covering(atMs)
    if (incident === undefined) return
    incident.recycles.push(recycle)
    if (incident.closed !== undefined && atMs <= incident.lastMs) amend(incident, recycledLate(event))
  }

  /** WAS says why a worker ended. */
  function takeReason({
    atMs,
    target,
    outside,
    inside,
    late,
  }: Extract<Conclusion, { kind: 'crosscheck' }>): void {
    const incident = covering(atMs)
    if (inside?.was === undefined || incident === undefined) return
    const why = wasWords(inside.was)
    for (const recycle of [...known.state.recycles, ...incident.recycles])
      if (recycle.node === target && recycle.atMs === outside?.atMs) recycle.why = why
    if (incident.closed !== undefined && late !== 'outside')
      amend(incident, `why ${target} had a new worker became known later: ${why}`)
  }

  function takeStall(stall: Extract<Conclusion, { kind: 'stall' }>, nowMs: number): void {
    const { atMs, lengthMs, target } = stall
    const sign = { fromMs: atMs, toMs: atMs + lengthMs }
    const present = during(sign)
    if (present === undefined && !opensAlone(stall)) return
    const incident = present?.closed === undefined ? incidentWith(sign, false, nowMs) : present
    const facts = factsOf(incident, target)
    facts.stallMs = Math.max(facts.stallMs, lengthMs)
  }

  function takeLink(event: Extract<Conclusion, { kind: 'link' }>, nowMs: number): void {
    const { target, state, atMs, lengthMs, failures } = event
    const others = known.state.cutOff.filter((each) => each !== target)
    known.state.cutOff = state === 'failing' ? [...others, target] : others
    if (state !== 'failing') return
    const sign = { fromMs: atMs, toMs: atMs + lengthMs }
    takeLinkFailures(incidentWith(sign, failing.count() > 0, nowMs), target, failures, sign)
  }

  return {
    ...kept,
    setFarm(scope) {
      kept.setFarm(scope)
      const { name, nodes, checks } = scope.farm
      known.state.cutOff = known.state.cutOff.filter((each) => nodes.some((node) => node.name === each))
      const asksBalancer = checks.some(({ targets }) => targets.includes('balancer'))
      farm = { name, nodes: nodes.map((node) => node.name), asksBalancer, inMaintenance }
    },
    observe({ outcome, proof, series }, nowMs) {
      const goesOn = failing.count() > 0
      failing.observe(outcome, proof, series)
      if (proof === 'ok') takeSuccess(live(), known.state.good, outcome, nowMs)
      if (proof !== 'failure') return
      const incident = incidentWith(signOf(outcome), goesOn, nowMs)
      takeFailure(incident, outcome, known.state.good)
      const mayBeAll = farm.nodes.length > 1 && failing.count() >= farm.nodes.length
      if (incident.allDown || !mayBeAll) return
      const down = failing.targets()
      incident.allDown = farm.nodes.every((name) => down.has(name))
    },
    through(outcome, nowMs) {
      if (proofOf(outcome) === 'failure' && known.state.cutOff.includes(outcome.target))
        takeThrough(incidentWith(signOf(outcome), true, nowMs), outcome)
    },
    onEvent(event, nowMs) {
      if (event.kind === 'link') takeLink(event, nowMs)
      if (event.kind === 'stall') takeStall(event, nowMs)
      if (event.kind === 'recycle') takeRecycle(event)
      if (event.kind === 'crosscheck') takeReason(event)
      if (event.kind === 'balancer_error') takeBlame(known.state.incidents, event)
      if (event.kind === 'first_request') takeFirstRequest(covering(event.atMs), event)
    },
    advance(nowMs) {
      for (const incident of live()) advanceOne(incident, nowMs)
      const { incidents, recycles } = known.state
      known.state.incidents = incidents.filter(
        ({ closed, lastMs }) => closed === undefined || nowMs < lastMs + quietMs() + amendableMs,
      )
      known.state.recycles = recycles.filter(({ atMs }) => nowMs < atMs + minuteMs)
    },
    of: (event) => (isPart(event) ? covering(event.atMs)?.id : undefined),
    open: (nowMs) => live().map((incident) => snapshotOf(incident, farm, nowMs)),
    leave(nowMs) {
      for (const incident of live()) {
        tell(incident, nowMs)
        tellEnd(incident, '; then the farm was removed from the configuration')
      }
    },
  }
}
