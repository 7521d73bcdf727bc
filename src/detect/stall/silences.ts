/**
 * The silences of one check on one node, seen from its answers alone: spans between two answers in which at least one
 * probe was owed an answer and none came.
 *
 *     answers     |                        | |  |
 *     probe 1      |=======================|            released first: the silence ends
 *     probe 2           |====================|          waited as well, released a little later
 *     probe 3              |==X                         failed meanwhile
 *                  <- silence ------------>
 *
 * A probe that was asked later and answered quickly ends a silence like any other answer: a page that is slow for one
 * request makes none.
 */
import type { Outcome, Reason } from '../../model/outcome.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import type { RecentAnswer } from '../recent_answers.ts'

export interface Silence {
  readonly check: string
  /** From the start of the first probe that was owed an answer, wall milliseconds. */
  readonly fromMs: number
  /** Until the last of its probes was answered or had failed, at most until the first answer: nothing is claimed beyond. */
  readonly seenToMs: number
  /** From then on surely: however late our own loop may have made its probes. */
  readonly sureFromMs: number
  /** The first answer after it. */
  readonly toMs: number
  /** Every probe that was owed an answer and is remembered: those that waited, failed or were given up. */
  readonly probes: readonly RecentAnswer[]
  /** How many failed before them and are no longer remembered. */
  readonly forgotten: number
}

/**
 * `all` are the probes of one check, or of all checks; `owedAfterMs` is how long after its start a probe is owed an answer:
 * what warm answers keep to. Silences that ended by `sinceMs`, wall milliseconds, are left out.
 */
export function silencesOf(
  all: readonly RecentAnswer[],
  owedAfterMs: (answer: RecentAnswer) => number,
  sinceMs = Number.NEGATIVE_INFINITY,
): Silence[] {
  const answers = all.filter(wasAsked)
  const ends = answers.filter(hasAnswered).sort((a, b) => a.endMs - b.endMs)
  return ends.flatMap((first, index) =>
    first.endMs <= sinceMs ? [] : (silenceBetween(ends[index - 1], first, answers, owedAfterMs) ?? []),
  )
}

/** Failures in which nothing came from the node. */
const silent: ReadonlySet<Reason> = new Set([
  'refused',
  'unreachable',
  'connect_timeout',
  'reset',
  'closed',
  'first_byte_timeout',
])

/**
 * What a probe says of whether the node answers: any status, and a TLS handshake that fails, are answers; but the kernel of
 * IIS answers when the application does not. `unknown`: the node was not asked, such as when its name was not found.
 */
export function responseOf({ reason, status, origin }: Outcome): 'answer' | 'silence' | 'unknown' {
  if (reason === 'dns' || reason === 'internal') return 'unknown'
  return (silent.has(reason) && status === 0) || origin === 'iis-kernel' ? 'silence' : 'answer'
}

/** Of a quick answer no outcome is kept. */
export const hasAnswered = ({ outcome }: RecentAnswer): boolean =>
  outcome === undefined || responseOf(outcome) === 'answer'

const wasAsked = ({ outcome }: RecentAnswer): boolean =>
  outcome === undefined || responseOf(outcome) !== 'unknown'

/**
 * Servers release what waited for the same moment within this time of one another: the longer the wait, the farther apart.
 * What goes on waiting for longer waits for something of its own.
 */
export const scatterMs = (waitedMs: number): number => Math.min(3000, Math.max(600, 0.3 * waitedMs))

/** Of a quick answer no outcome is kept: what of its time was not waiting may be ours. */
const latenessOf = ({ outcome, startMs, endMs, waitMs }: RecentAnswer): number =>
  outcome?.latenessMs ?? endMs - startMs - Math.max(0, waitMs)

/** Before the oldest answer that is remembered: only failures prove that none came. */
const never = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.NEGATIVE_INFINITY }

function silenceBetween(
  before: RecentAnswer | undefined,
  { endMs: toMs, check }: RecentAnswer,
  answers: readonly RecentAnswer[],
  owedAfterMs: (answer: RecentAnswer) => number,
): Silence | undefined {
  const { startMs: sinceMs, endMs: fromEndMs } = before ?? never
  const probes = answers.filter(
    (each) =>
      each.startMs >= sinceMs &&
      (hasAnswered(each) || each.endMs > toMs
        ? each.startMs + owedAfterMs(each) <= toMs &&
          each.endMs >= toMs &&
          each.endMs - toMs <= scatterMs(toMs - each.startMs)
        : each.endMs > fromEndMs && each.startMs < toMs),
  )
  if (probes.length === 0 || (before === undefined && probes.every(hasAnswered))) return undefined
  const fromMs = Math.max(fromEndMs, least(probes.map(({ startMs }) => startMs)))
  const seenToMs = Math.min(toMs, greatest(probes.map(({ endMs }) => endMs)))
  const sureFromMs = Math.max(fromMs, least(probes.map((each) => each.startMs + latenessOf(each))))
  return { check, fromMs, sureFromMs, seenToMs, toMs, probes, forgotten: 0 }
}
