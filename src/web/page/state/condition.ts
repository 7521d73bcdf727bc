/** The condition of a target, judged from the newest probe of each of its checks, and that of a farm. */
import type { Verdict } from '../../../model/event.ts'
import { wordsOfVerdict } from '../words/verdict_words.ts'
import { failureWords, type Tone, verdictMeanings } from '../words/words.ts'
import type { Incident } from './known_incidents.ts'
import type { Cell, CheckState, FarmState, TargetState } from './page_state.ts'
import { isClockStopped, now } from './server_clock.ts'

/** From here on an answer counts as slow: above what a warm node needs in a bad moment, below a cold start. */
const slowFromMs = ({ highMs }: CheckState) =>
  highMs === null ? Number.POSITIVE_INFINITY : Math.max(3 * highMs, highMs + 200)

export interface Condition {
  readonly tone: Tone
  readonly words: string
  /** The check that decides. */
  readonly check?: CheckState
}

/** Without a connection it is how the target was. */
export function conditionOf(target: TargetState): Condition {
  const condition = presentCondition(target)
  return isClockStopped() && condition.tone !== 'unknown'
    ? { ...condition, tone: 'unknown', words: `was ${condition.words}` }
    : condition
}

function presentCondition({ checks }: TargetState): Condition {
  const probed = checks.filter(({ last }) => last !== null)
  const [first] = probed
  if (first === undefined) return { tone: 'unknown', words: 'not known yet' }
  const fresh = probed.filter(isFresh)
  const failing = fresh.find(({ last }) => last?.proof === 'failure')
  if (failing?.last) {
    const { reason, status } = failing.last
    return { tone: 'bad', words: failureWords(reason, status), check: failing }
  }
  const refused = fresh.find(({ last }) => last?.reason === 'auth')
  if (refused !== undefined) return { tone: 'unknown', words: failureWords('auth'), check: refused }
  if (fresh.length < probed.length) return { tone: 'unknown', words: 'not known: no new probe', check: first }
  const slow = fresh.find((check) => (check.last?.firstByteMs ?? 0) > slowFromMs(check))
  if (slow !== undefined) return { tone: 'slow', words: 'slow', check: slow }
  return { tone: 'ok', words: 'ok', check: first }
}

/** How late a result may be beyond what its schedule and time-out allow: it comes in batches, and machines are busy. */
const lateMs = 30_000

/** Whether the newest probe can still be the newest: a prober that has stopped proves nothing. */
const isFresh = ({ last, freshMs }: CheckState): boolean =>
  freshMs === undefined || last === null || now() - last.atMs <= freshMs + lateMs

/** The tone of a farm, its sentence, and since when. */
export interface FarmCondition {
  readonly tone: Tone
  readonly words: string
  readonly severity: number
  readonly verdict: Verdict | null
  readonly check?: string
  readonly sinceMs?: number
}

/** After a failure, so long without another counts as quiet: one node of several fails every few requests. */
const quietMs = 15_000

/** The worst verdict of a farm's checks, and what it means for its users; `incident` is the one that is open. */
export function farmCondition(
  { checks }: FarmState,
  targets: readonly TargetState[],
  incident?: Incident,
): FarmCondition {
  const isPast = isClockStopped()
  const worst = checks
    .filter(({ verdict }) => verdict !== null)
    .sort((a, b) => severityOf(b.verdict) - severityOf(a.verdict))[0]
  const counts = countsOf(targets)
  const isStale = targets.length > 0 && !counts.isLocked && targets.every(isUnknown)
  const known = worst === undefined || (isStale && !isPast) ? null : worst.verdict
  const sinceMs = worst?.verdictSinceMs ?? 0
  const verdict = withIncident(known, sinceMs, incident)
  const words = wordsOfVerdict(verdict, counts, isPast)
  if (worst === undefined || verdict === null) return { tone: 'unknown', words, severity: 1, verdict }
  const { tone, severity } = verdictMeanings[verdict]
  const since = { check: worst.name, sinceMs: verdict === known ? sinceMs : (incident?.openedMs ?? sinceMs) }
  return { tone: isPast ? 'unknown' : tone, words, severity, verdict, ...since }
}

/** The verdict of the newest tick, or that of an incident which goes on although this one tick went better. */
function withIncident(
  verdict: Verdict | null,
  sinceMs: number,
  incident: Incident | undefined,
): Verdict | null {
  if (verdict === null || incident === undefined || severityOf(verdict) > severityOf('masked')) return verdict
  if (verdict === 'ok' && now() - sinceMs > quietMs) return verdict
  if (incident.impact === 'hidden') return 'masked'
  return incident.node === 'balancer' ? 'balancer_fault' : 'node_fault'
}

const isUnknown = (target: TargetState) => presentCondition(target).tone === 'unknown'

const severityOf = (verdict: Verdict | null) => (verdict === null ? -1 : verdictMeanings[verdict].severity)

const countsOf = (targets: readonly TargetState[]) => {
  const nodes = targets.filter(({ role }) => role === 'node')
  return {
    nodes: nodes.length,
    failing: nodes.filter((node) => presentCondition(node).tone === 'bad').length,
    isAnswering: targets.some(({ checks }) => checks.some(({ last }) => (last?.status ?? 0) > 0)),
    isLocked: targets.some(({ checks }) => checks.some(({ last }) => last?.reason === 'auth')),
  }
}

/** How one minute of a target went. */
export type CellTone = 'none' | 'ok' | 'slow' | 'failing' | 'down'

/** Judges the minutes of a target by what is slow for it. */
export function cellJudge({ checks }: TargetState): (cell: Cell | undefined) => CellTone {
  const limitMs = checks
    .map(slowFromMs)
    .filter(Number.isFinite)
    .reduce((most, ms) => Math.max(most, ms), 0)
  return (cell) => {
    if (cell === undefined || cell.probes === 0) return 'none'
    if (cell.failures > 0) return cell.failures * 2 >= cell.probes ? 'down' : 'failing'
    return limitMs > 0 && cell.maxMs > limitMs ? 'slow' : 'ok'
  }
}
