/** The state of a farm as each check sees it, from the newest tick of each of its targets. */
import { type Verdict, verdicts } from '../model/event.ts'
import { type Role, targetsOf } from '../model/farm.ts'
import { endedMs, type Outcome, type Proof } from '../model/outcome.ts'
import type { Conclusion, Detector, Emit } from './detector.ts'
import { byCheck, createMemories } from './memories.ts'
import { fieldsOf, oneOf, time } from './shape.ts'

/** How long answers to a slot are waited for before it is judged without them, in milliseconds. */
const graceMs = 1000
/** A balancer that fails after so long was waiting for a node. */
const waitedMs = 900
/** Probes of one slot start within this time. */
const sameSlotMs = 250

const never = Number.NEGATIVE_INFINITY

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

const standingOf = (role: Role): Standing => ({
  role,
  health: 'unknown',
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
        spentMs:
          verdict === undefined
            ? { ...spentMs }
            : { ...spentMs, [verdict]: spentMs[verdict] + Math.max(0, nowMs - sinceMs) },
      })),
  }
}

function take(state: VerdictState, outcome: Outcome, proof: Proof, nowMs: number): VerdictChange | undefined {
  const standing = state.standings.get(outcome.target)
  if (standing === undefined) return undefined
  noteArrival(state, standing, outcome.slotMs, nowMs)
  if (proof !== 'nothing') noteHealth(state, standing, outcome, proof)
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

/**
 * A failure counts whenever it comes, or a time-out longer than the interval would never be seen between quick
 * answers; a success that started before the failure it would clear does not.
 */
function noteHealth(state: VerdictState, standing: Standing, outcome: Outcome, proof: Proof): void {
  const health = proof === 'ok' ? 'fine' : 'failing'
  if (health === 'fine' && outcome.startedMs < standing.startedMs) return
  if (outcome.startedMs >= standing.startedMs) standing.tookMs = outcome.totalMs
  standing.startedMs = Math.max(outcome.startedMs, standing.startedMs)
  if (health === standing.health) return
  standing.health = health
  state.changedMs = outcome.startedMs < state.sinceMs ? endedMs(outcome) : outcome.startedMs
  state.judgeAtMs = Math.min(state.judgeAtMs, endedMs(outcome) + graceMs)
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
  const health = balancer?.health ?? 'unknown'
  // Only while the balancer fails is a node that has not answered yet, or answered too late, taken for a failing one.
  const ifLate = health === 'failing' ? 'failing' : 'fine'
  const nodes = all
    .filter(({ role }) => role === 'node')
    .map((node) => {
      const isLate = node.slotMs < newestSlotMs || outwaited(balancer, node)
      return isLate && node.health !== 'failing' ? ifLate : node.health
    })
  const isKnown = [health, ...nodes].some((each) => each !== 'unknown')
  return isKnown ? decide(health, nodes) : undefined
}

/** The balancer gave up waiting, and the node's own answer to the same slot took longer than it waited. */
const outwaited = (balancer: Standing | undefined, node: Standing): boolean =>
  balancer !== undefined &&
  balancer.tookMs > waitedMs &&
  node.tookMs > balancer.tookMs - sameSlotMs &&
  Math.abs(node.startedMs - balancer.startedMs) < sameSlotMs

/** The verdict on one set of outcomes, at most one of each target. */
export function verdictOf(outcomes: readonly Outcome[]): Verdict {
  const healths = (of: Role) =>
    outcomes.filter(({ role }) => role === of).map(({ reason }) => (reason === 'ok' ? 'fine' : 'failing'))
  return decide(healths('balancer')[0] ?? 'unknown', healths('node'))
}

function decide(balancer: Health, nodes: readonly Health[]): Verdict {
  const isFailing = nodes.includes('failing')
  if (balancer !== 'fine' && !nodes.includes('fine') && (balancer === 'failing' || isFailing))
    return 'farm_down'
  if (balancer === 'failing') return isFailing ? 'node_fault' : 'balancer_fault'
  return isFailing ? 'masked' : 'ok'
}

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
