/** The state of a farm as one check sees it, from the newest tick of each of its targets. */
import { type Verdict, verdicts } from '../model/event.ts'
import type { Role } from '../model/farm.ts'
import type { Proof } from '../model/outcome.ts'
import { endedMs, type Outcome } from '../model/outcome.ts'

/** How long the answers of a slot are waited for before it is judged without the rest, in milliseconds. */
const graceMs = 1000
/** A balancer that fails after so long was waiting for a node. */
const waitedMs = 900
/** Probes of one slot start within this time. */
const sameSlotMs = 250

type Health = 'unknown' | 'fine' | 'failing'

interface Standing {
  readonly role: Role
  health: Health
  /** The newest slot that an answer of this target has come for. */
  slotMs: number
  /** When the probe behind `health` started. */
  startedMs: number
  /** How long it took, in milliseconds. */
  tookMs: number
}

export interface VerdictState {
  readonly standings: Map<string, Standing>
  newestSlotMs: number
  /** Targets that have answered for the newest slot. */
  arrived: number
  /** When the newest slot is judged, whoever is missing; infinity when it has been. */
  judgeAtMs: number
  verdict: Verdict | undefined
  sinceMs: number
  /** Milliseconds spent in each verdict, up to `sinceMs`. */
  readonly spentMs: Record<Verdict, number>
  /** When the news that is judged next happened. */
  newsMs: number
}

export interface VerdictChange {
  readonly atMs: number
  readonly verdict: Verdict
  readonly previous: Verdict
  readonly heldMs: number
}

/** A check of which nothing is known. */
export function createVerdict(): VerdictState {
  return {
    standings: new Map(),
    newestSlotMs: Number.NEGATIVE_INFINITY,
    arrived: 0,
    judgeAtMs: Number.POSITIVE_INFINITY,
    verdict: undefined,
    sinceMs: 0,
    spentMs: noTime(),
    newsMs: 0,
  }
}

/** Lets the verdict know exactly the targets that the check has; those it knew keep their standing. */
export function setVerdictTargets(
  state: VerdictState,
  targets: readonly { readonly name: string; readonly role: Role }[],
): void {
  const names = new Set(targets.map(({ name }) => name))
  for (const name of state.standings.keys()) if (!names.has(name)) state.standings.delete(name)
  for (const { name, role } of targets)
    if (!state.standings.has(name))
      state.standings.set(name, {
        role,
        health: 'unknown',
        slotMs: Number.NEGATIVE_INFINITY,
        startedMs: Number.NEGATIVE_INFINITY,
        tookMs: 0,
      })
}

/** Takes in the outcome of a tick; `nowMs` is the newest time known. */
export function observeVerdict(
  state: VerdictState,
  outcome: Outcome,
  proof: Proof,
  nowMs: number,
): VerdictChange | undefined {
  const standing = state.standings.get(outcome.target)
  if (standing === undefined) return undefined
  noteArrival(state, standing, outcome.slotMs, nowMs)
  if (proof !== 'nothing') noteHealth(state, standing, outcome, proof)
  return state.arrived === state.standings.size ? judge(state) : advanceVerdict(state, nowMs)
}

/** Judges a slot whose answers have been waited for long enough. */
export function advanceVerdict(state: VerdictState, nowMs: number): VerdictChange | undefined {
  return nowMs >= state.judgeAtMs ? judge(state) : undefined
}

/** Milliseconds spent in each verdict up to now. */
export function verdictTimes(state: VerdictState, nowMs: number): Record<Verdict, number> {
  const spentMs = { ...state.spentMs }
  if (state.verdict !== undefined) spentMs[state.verdict] += Math.max(0, nowMs - state.sinceMs)
  return spentMs
}

/** The verdict on one set of outcomes, at most one of each target. */
export function verdictOf(outcomes: readonly Outcome[]): Verdict {
  let balancer: Health = 'unknown'
  let fine = 0
  let failing = 0
  for (const { role, reason } of outcomes) {
    const ok = reason === 'ok'
    if (role === 'balancer') balancer = ok ? 'fine' : 'failing'
    else if (ok) fine++
    else failing++
  }
  return decide(balancer, fine, failing)
}

function decide(balancer: Health, fine: number, failing: number): Verdict {
  if (balancer === 'failing') {
    if (fine === 0) return 'farm_down'
    return failing > 0 ? 'node_fault' : 'balancer_fault'
  }
  if (balancer === 'unknown' && failing > 0 && fine === 0) return 'farm_down'
  return failing > 0 ? 'masked' : 'ok'
}

function noteArrival(state: VerdictState, standing: Standing, slotMs: number, nowMs: number): void {
  if (slotMs > state.newestSlotMs) {
    state.newestSlotMs = slotMs
    state.arrived = 0
    state.judgeAtMs = Math.min(state.judgeAtMs, nowMs + graceMs)
  }
  if (slotMs === state.newestSlotMs && standing.slotMs !== slotMs) state.arrived++
  if (slotMs > standing.slotMs) standing.slotMs = slotMs
}

/**
 * A failure is news whenever it comes, or a time-out longer than the interval would never be seen between quick
 * answers; a success that started before the failure it would clear is none.
 */
function noteHealth(state: VerdictState, standing: Standing, outcome: Outcome, proof: Proof): void {
  const health = proof === 'ok' ? 'fine' : 'failing'
  if (health === 'fine' && outcome.startedMs < standing.startedMs) return
  if (outcome.startedMs >= standing.startedMs) standing.tookMs = outcome.totalMs
  standing.startedMs = Math.max(outcome.startedMs, standing.startedMs)
  if (health === standing.health) return
  standing.health = health
  state.newsMs = outcome.startedMs < state.sinceMs ? endedMs(outcome) : outcome.startedMs
  state.judgeAtMs = Math.min(state.judgeAtMs, endedMs(outcome) + graceMs)
}

function judge(state: VerdictState): VerdictChange | undefined {
  state.judgeAtMs = Number.POSITIVE_INFINITY
  const verdict = verdictNow(state)
  const previous = state.verdict
  if (verdict === previous || verdict === undefined) return undefined
  const atMs = Math.max(state.newsMs, state.sinceMs)
  state.verdict = verdict
  if (previous === undefined) {
    state.sinceMs = state.newsMs
    return undefined
  }
  const heldMs = atMs - state.sinceMs
  state.spentMs[previous] += heldMs
  state.sinceMs = atMs
  return { atMs, verdict, previous, heldMs }
}

function verdictNow(state: VerdictState): Verdict | undefined {
  const balancer = [...state.standings.values()].find(({ role }) => role === 'balancer')
  const health = balancer?.health ?? 'unknown'
  let fine = 0
  let failing = 0
  let late = 0
  for (const node of state.standings.values()) {
    if (node.role === 'balancer') continue
    if (node.health === 'failing') failing++
    else if (node.slotMs < state.newestSlotMs || outwaited(balancer, node)) late++
    else if (node.health === 'fine') fine++
  }
  if (health === 'unknown' && fine + failing + late === 0) return undefined
  // Only while the balancer fails is a node that has not answered yet, or answered too late, taken for a failing one.
  return health === 'failing' ? decide(health, fine, failing + late) : decide(health, fine + late, failing)
}

/** The balancer gave up waiting, and the node's own answer to the same slot took longer than it waited. */
const outwaited = (balancer: Standing | undefined, node: Standing): boolean =>
  balancer !== undefined &&
  balancer.tookMs > waitedMs &&
  node.tookMs > balancer.tookMs - sameSlotMs &&
  Math.abs(node.startedMs - balancer.startedMs) < sameSlotMs

const noTime = () => Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>

/** What of a verdict is kept across a restart: what held, and since when. */
export interface SavedVerdict {
  readonly verdict: Verdict
  readonly sinceMs: number
}

/** Undefined until there is a verdict. */
export const saveVerdict = ({ verdict, sinceMs }: VerdictState): SavedVerdict | undefined =>
  verdict === undefined ? undefined : { verdict, sinceMs }

/** What held goes on to hold at `nowMs`; the time before that is not counted again as time spent in it. */
export function restoreVerdict(state: VerdictState, { verdict, sinceMs }: SavedVerdict, nowMs: number): void {
  state.verdict = verdict
  state.sinceMs = sinceMs
  state.spentMs[verdict] -= Math.max(0, nowMs - sinceMs)
}

/** Moves the verdict back in time, after the wall clock was set back. */
export function shiftVerdict(state: VerdictState, byMs: number): void {
  state.newestSlotMs = Number.NEGATIVE_INFINITY
  state.sinceMs -= byMs
  for (const standing of state.standings.values()) {
    standing.slotMs = Number.NEGATIVE_INFINITY
    standing.startedMs = Number.NEGATIVE_INFINITY
  }
}
