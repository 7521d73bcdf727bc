/** The state of a farm as each check sees it, from the newest tick of each of its targets. */
import { type Verdict, verdicts } from '../model/event.ts'
import { type Role, targetsOf } from '../model/farm.ts'
import { endedMs, type Outcome, type Proof } from '../model/outcome.ts'
import { decide, type Health } from './decide_verdict.ts'
import type { Conclusion, Detector, Emit } from './detector.ts'
import { byCheck, createMemories } from './memories.ts'
import { fieldsOf, oneOf, time } from './shape.ts'

/** How long answers to a slot are waited for before it is judged without them, in milliseconds. */
const graceMs = 1000
/** A balancer that fails after so long was waiting for a node. */
const waitedMs = 900
/** Probes of one slot start within this time. */
const sameSlotMs = 250

/** After so many ticks in a row that prove nothing it is unknown how a target is. */
const unprovenFrom = (health: Health) => (health === 'unknown' ? 1 : 3)

const never = Number.NEGATIVE_INFINITY
interface Standing {
  readonly role: Role
  health: Exclude<Health, 'unproven'>
  /** Ticks since the one behind `health` that prove nothing. */
  unproven: number
  /** The newest slot that an answer of this target has come for. */
  slotMs: number
  /** When the probe behind `health` started. */
  startedMs: number
  /** How long it took, in milliseconds. */
  tookMs: number
}

const standingOf = (role: Role): Standing => ({
  role,
  health: 'unknown',
  unproven: 0,
  slotMs: never,
  startedMs: never,
  tookMs: 0,
})

const createState = () => ({
  /** By target. */
  standings: new Map<string, Standing>(),
  newestSlotMs: never,
  /** Targets that have answered for the newest slot. */
  arrived: 0,
  /** When the newest slot is judged without the answers still missing; infinity when it has been. */
  judgeAtMs: Number.POSITIVE_INFINITY,
  verdict: undefined as Verdict | undefined,
  sinceMs: 0,
  /** Milliseconds spent in each verdict, up to `sinceMs`. */
  spentMs: Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>,
  /** When the change that is judged next happened. */
  changedMs: 0,
})

type VerdictState = ReturnType<typeof createState>

export interface VerdictReading {
  readonly check: string
  /** Undefined until the first tick has been judged. */
  readonly verdict: Verdict | undefined
  /** Since when it holds, wall milliseconds. */
  readonly sinceMs: number
  /** Milliseconds spent in each verdict so far, the present one included. */
  readonly spentMs: Readonly<Record<Verdict, number>>
}

/** What of a verdict is kept across a restart: what held, and since when. */
const savedVerdict = fieldsOf({ verdict: oneOf(verdicts), sinceMs: time })

type VerdictChange = Omit<Extract<Conclusion, { kind: 'verdict' }>, 'kind' | 'check'>

export interface Verdicts extends Detector {
  readings(nowMs: number): VerdictReading[]
}

export function createVerdicts(emit: Emit): Verdicts {
  const states = createMemories(byCheck, {
    empty: createState,
    save: ({ verdict, sinceMs }) => (verdict === undefined ? undefined : { verdict, sinceMs }),
    restore,
    shifted,
  })
  const report = (check: string, change: VerdictChange | undefined) => {
    if (change !== undefined) emit({ kind: 'verdict', check, ...change })
  }
  return {
    ...states,
    setFarm(scope) {
      states.setFarm(scope)
      for (const { subject, state } of states.all()) {
        const known = state.standings
        const targets = targetsOf(scope.farm, subject)
        state.standings = new Map(
          targets.map(({ name, role }) => [name, known.get(name) ?? standingOf(role)]),
        )
      }
    },
    observe({ outcome, proof }, nowMs) {
      const state = outcome.lane === 'tick' ? states.get(outcome.check) : undefined
      if (state !== undefined) report(outcome.check, take(state, outcome, proof, nowMs))
    },
    advance(nowMs) {
      for (const { subject, state } of states.all()) report(subject.name, judgeWhenDue(state, nowMs))
    },
    readings: (nowMs) =>
      [...states.all()].map(({ subject, state: { verdict, sinceMs, spentMs } }) => ({
        check: subject.name,
        verdict,
        sinceMs,
        spentMs: {
          ...spentMs,
          ...(verdict && { [verdict]: spentMs[verdict] + Math.max(0, nowMs - sinceMs) }),
        },
      })),
  }
}

function take(state: VerdictState, outcome: Outcome, proof: Proof, nowMs: number): VerdictChange | undefined {
  const standing = state.standings.get(outcome.target)
  if (standing === undefined) return undefined
  noteArrival(state, standing, outcome.slotMs, nowMs)
  noteHealth(state, standing, outcome, proof)
  return state.arrived === state.standings.size ? judge(state) : judgeWhenDue(state, nowMs)
}

/** Judges a slot whose answers have been waited for long enough. */
const judgeWhenDue = (state: VerdictState, nowMs: number): VerdictChange | undefined =>
  nowMs >= state.judgeAtMs ? judge(state) : undefined

function noteArrival(state: VerdictState, standing: Standing, slotMs: number, nowMs: number): void {
  if (slotMs > state.newestSlotMs) {
    state.newestSlotMs = slotMs
    state.arrived = 0
    state.judgeAtMs = Math.min(state.judgeAtMs, nowMs + graceMs)
  }
  if (slotMs === state.newestSlotMs && standing.slotMs !== slotMs) state.arrived++
  if (slotMs > standing.slotMs) standing.slotMs = slotMs
}

function noteHealth(state: VerdictState, standing: Standing, outcome: Outcome, proof: Proof): void {
  const before = healthOf(standing)
  if (proof === 'nothing') standing.unproven++
  else noteProof(standing, outcome, proof)
  if (healthOf(standing) === before) return
  state.changedMs = outcome.startedMs < state.sinceMs ? endedMs(outcome) : outcome.startedMs
  state.judgeAtMs = Math.min(state.judgeAtMs, endedMs(outcome) + graceMs)
}

const healthOf = ({ health, unproven }: Standing): Health =>
  unproven >= unprovenFrom(health) ? 'unproven' : health

/**
 * A failure counts whenever it comes, or a time-out longer than the interval would never be seen between quick
 * answers; a success that started before the failure it would clear does not.
 */
function noteProof(standing: Standing, { startedMs, totalMs }: Outcome, proof: 'ok' | 'failure'): void {
  if (proof === 'ok' && startedMs < standing.startedMs) return
  if (startedMs >= standing.startedMs) standing.tookMs = totalMs
  standing.startedMs = Math.max(startedMs, standing.startedMs)
  standing.health = proof === 'ok' ? 'fine' : 'failing'
  standing.unproven = 0
}

function judge(state: VerdictState): VerdictChange | undefined {
  state.judgeAtMs = Number.POSITIVE_INFINITY
  const verdict = verdictNow(state)
  const previous = state.verdict
  if (verdict === previous || verdict === undefined) return undefined
  const atMs = Math.max(state.changedMs, state.sinceMs)
  state.verdict = verdict
  if (previous === undefined) {
    state.sinceMs = state.changedMs
    return undefined
  }
  const heldMs = atMs - state.sinceMs
  state.spentMs[previous] += heldMs
  state.sinceMs = atMs
  return { atMs, verdict, previous, heldMs }
}

function verdictNow({ standings, newestSlotMs }: VerdictState): Verdict | undefined {
  const all = [...standings.values()]
  const balancer = all.find(({ role }) => role === 'balancer')
  const health = balancer === undefined ? 'unknown' : healthOf(balancer)
  // Only while the balancer fails is a node that has not answered yet, or answered too late, taken for a failing one.
  const ifLate = health === 'failing' ? 'failing' : 'fine'
  const nodes = all
    .filter(({ role }) => role === 'node')
    .map((node) => {
      const isLate = node.slotMs < newestSlotMs || outwaited(balancer, node)
      const own = healthOf(node)
      const isKnown = own === 'failing' || (own === 'unproven' && ifLate === 'fine')
      return isLate && !isKnown ? ifLate : own
    })
  return [health, ...nodes].every((each) => each === 'unknown') ? undefined : decide(health, nodes)
}

/** The balancer gave up waiting, and the node's own answer to the same slot took longer than it waited. */
const outwaited = (balancer: Standing | undefined, node: Standing): boolean =>
  balancer !== undefined &&
  balancer.tookMs > waitedMs &&
  node.tookMs > balancer.tookMs - sameSlotMs &&
  Math.abs(node.startedMs - balancer.startedMs) < sameSlotMs

/** What held goes on to hold at `nowMs`; the time before that is not counted again as time spent in it. */
function restore(state: VerdictState, saved: unknown, nowMs: number): VerdictState {
  if (!savedVerdict.fits(saved)) return state
  const { verdict, sinceMs } = saved
  const heldMs = Math.max(0, nowMs - sinceMs)
  return { ...state, verdict, sinceMs, spentMs: { ...state.spentMs, [verdict]: -heldMs } }
}

/** The grid of the slots stays where it is: which slots have been answered for is forgotten. */
function shifted(state: VerdictState, byMs: number): VerdictState {
  for (const standing of state.standings.values())
    Object.assign(standing, { slotMs: never, startedMs: never })
  return {
    ...state,
    newestSlotMs: never,
    judgeAtMs: state.judgeAtMs - byMs,
    sinceMs: state.sinceMs - byMs,
    changedMs: state.changedMs - byMs,
  }
}
