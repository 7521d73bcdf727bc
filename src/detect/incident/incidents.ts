/**
 * Incidents: one trouble of the farm from its first to its last sign, however many probes, targets and checks saw it.
 *
 *   balancer  o  o  o  x  x  o  o  o  o  o             x: a failed probe, a sign from when it was sent to when it ended
 *   web01     o  o  x  x  x  x  o  o  o  o
 *                   [----------]<-- quiet -->|         closed when nothing has failed for so long
 */
import type { Incident } from '../../model/incident.ts'
import { isScheduled, type Outcome, proofOf } from '../../model/outcome.ts'
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
} from './incident_state.ts'
import { noteGood } from './scheduled_share.ts'
import { snapshotOf, type TellingFarm } from './snapshot_of.ts'
import {
  isPart,
  recycledLate,
  takeBlame,
  takeFailure,
  takeFirstRequest,
  takeLinkFailures,
  takeReason,
  takeSuccess,
  takeThrough,
} from './take_signs.ts'

/** So long after its first sign an incident is told: the nodes have been asked by then, and have answered. */
const settleMs = 800
/** Attribution says who caused an error so long after its time-out at the latest, in milliseconds. */
const attributionMs = 15_000
/** So long after its end what becomes known of an incident amends it. */
const amendableMs = 15 * minuteMs
const mostRemembered = 32

export interface IncidentOptions {
  /** After so long without a failure an incident is over, in milliseconds. */
  readonly quietMs: () => number
  readonly inMaintenance: (atMs: number) => boolean
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

export function createIncidents(emit: Emit, { quietMs, inMaintenance }: IncidentOptions): Incidents {
  const failing = createFailingSeries()
  const known = createMemory(incidentsState)
  const kept = joined({ failing, known })
  let farm: TellingFarm = { name: '', nodes: [], asksBalancer: true, inMaintenance }

  const live = () => known.state.incidents.filter(({ closed }) => closed === undefined)
  const covering = (atMs: number) =>
    known.state.incidents.findLast(
      ({ openedMs, lastMs }) => atMs >= openedMs - leadMs && atMs <= lastMs + quietMs(),
    )

  /** The incident, also one that is over, in whose time something happened. */
  const incidentAt = ({ fromMs, toMs }: Sign) =>
    known.state.incidents.findLast(
      ({ openedMs, lastMs, closed }) =>
        fromMs <= lastMs + (closed === undefined ? quietMs() : 0) && toMs >= openedMs,
    )

  /** The incident that a sign belongs to; `goesOn`: something was failing already. */
  function incidentWith(sign: Sign, goesOn: boolean, nowMs: number): IncidentState {
    const all = live()
    const newest = all.at(-1)
    const near = all.findLast(
      ({ openedMs, lastMs }) => sign.fromMs <= lastMs + quietMs() && sign.toMs >= openedMs - quietMs(),
    )
    const goingOn = goesOn && newest !== undefined && sign.fromMs >= newest.openedMs ? newest : undefined
    const incident = near ?? goingOn ?? create(sign, nowMs)
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
    incident.told = incident.impact
    const atMs = incident.users?.fromMs ?? incident.openedMs
    emit({
      kind: 'incident_opened',
      atMs,
      incident: incident.id,
      snapshot: snapshotOf(incident, farm, nowMs),
    })
  }

  /** `then`: what the sentence of one that ends now goes on with. */
  function tellEnd(incident: IncidentState, then = ''): void {
    incident.amendedTold = incident.amended.length
    if (incident.closed === undefined) {
      const { node, cause, confidence } = culpritOf(incident, farm.nodes)
      const summary = snapshotOf(incident, farm).summary.replace(/\.$/, `${then}.`)
      incident.closed = { node, cause, confidence, summary }
    }
    const snapshot = snapshotOf(incident, farm)
    emit({ kind: 'incident_closed', atMs: incident.lastMs, incident: incident.id, snapshot })
  }

  function advanceOne(incident: IncidentState, nowMs: number): void {
    const { closed, told, knownMs, impact } = incident
    if (closed !== undefined) {
      if (incident.amended.length > incident.amendedTold) tellEnd(incident)
      return
    }
    const over = isOver(incident, nowMs)
    const isNews = told === undefined ? over || nowMs >= knownMs + settleMs : told !== impact
    if (isNews) tell(incident, nowMs)
    if (over) tellEnd(incident)
  }

  function takeRecycle(event: Extract<Conclusion, { kind: 'recycle' }>): void {
    const { target: node, atMs, evidence, confidence } = event
    const recycle = { node, atMs, evidence, confidence, why: undefined }
    known.state.recycles.push(recycle)
    const incident = covering(atMs)
    if (incident?.recycles.some((each) => each.node === node && each.atMs === atMs)) return
    incident?.recycles.push(recycle)
    if (incident?.closed !== undefined && atMs <= incident.lastMs) incident.amended.push(recycledLate(event))
  }

  function takeStall(stall: Extract<Conclusion, { kind: 'stall' }>, nowMs: number): void {
    const { atMs, lengthMs, target } = stall
    const sign = { fromMs: atMs, toMs: atMs + lengthMs }
    const present = incidentAt(sign)
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
      const { good } = known.state
      const { startedMs, lane, role } = outcome
      if (proof === 'ok' && role === 'node') for (const incident of live()) takeSuccess(incident, outcome)
      if (proof === 'ok' && role === 'balancer' && isScheduled(lane))
        noteGood(
          good,
          live().map(({ share }) => share),
          startedMs,
          nowMs,
        )
      if (proof !== 'failure') return
      const incident = incidentWith(signOf(outcome), goesOn, nowMs)
      takeFailure(incident, outcome, good)
      if (incident.allDown || failing.count() < farm.nodes.length || farm.nodes.length === 0) return
      const down = failing.nodes()
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
      if (event.kind === 'crosscheck') takeReason(covering(event.atMs), known.state.recycles, event)
      if (event.kind === 'balancer_error') {
        const { atMs } = event
        const incident = known.state.incidents.findLast(
          ({ users }) => users !== undefined && atMs >= users.fromMs && atMs <= users.toMs,
        )
        if (incident !== undefined) takeBlame(incident, event)
      }
      if (event.kind === 'first_request') takeFirstRequest(covering(event.atMs), event)
      if (event.kind === 'deploy')
        for (const incident of live())
          if (incident.nodes.some(({ node }) => event.targets.includes(node)))
            incident.deploy = [...event.targets]
    },
    advance(nowMs) {
      const { state } = known
      for (const incident of state.incidents) advanceOne(incident, nowMs)
      state.incidents = state.incidents
        .filter(({ closed, lastMs }) => closed === undefined || nowMs < lastMs + quietMs() + amendableMs)
        .slice(-mostRemembered)
      state.recycles = state.recycles.filter(({ atMs }) => nowMs < atMs + minuteMs)
    },
    of: (event) => (isPart(event) ? covering(event.atMs)?.id : undefined),
    open: (nowMs) => live().map((incident) => snapshotOf(incident, farm, nowMs)),
    leave(nowMs) {
      for (const incident of live()) {
        if (incident.told !== incident.impact) tell(incident, nowMs)
        tellEnd(incident, '; then the farm was removed from the configuration')
      }
    },
  }
}
