/**
 * Compares the recycles of one node that were seen from outside with those that IIS tells inside; pure, as the
 * detectors are. Neither side knows the moment exactly: inside it is between two readings, outside between the last
 * answer of the old worker and the moment when the new one was reported. Spans that touch are one recycle; of the
 * others, the closest are, if no more than the tolerance is between them. Inside there are two witnesses:
 * windows_exporter, which counts at once, and WAS, which says when and why, perhaps much later.
 */
import { type Check, type Farm, intervalMsOf } from '../model/farm.ts'
import { hourMs } from '../runtime/duration.ts'
import {
  type CrosscheckState,
  type Finding,
  keep,
  nearest,
  type SeenInside,
  type SeenOutside,
  shownInside,
  startOver,
  type Witnessed,
  workersOf,
} from './crosscheck_state.ts'
import { createPoolLedger, type PoolReading, readPool } from './pool_ledger.ts'
import { noteCounted, noteWritten } from './witnesses.ts'
import type { WrittenEnd } from './written_ends.ts'

/** Stands for the interval of a cron check, which is not known here. */
const cronMs = hourMs

/** How far both can see, in milliseconds. */
export type Reach = ReturnType<typeof reachOf>

/** How far both can see on a farm that is cross-checked: the check that probes the nodes most often counts. */
export function reachOf({ checks, crosscheck }: Farm) {
  const asking = checks.filter(({ targets }) => targets.includes('node'))
  const often = asking.toSorted((a, b) => everyMs(a) - everyMs(b))[0]
  return {
    toleranceMs: crosscheck?.toleranceMs ?? 0,
    /** How long a new worker may answer before the next probe reaches it. */
    outsideMs: often === undefined ? 0 : everyMs(often),
    /** How long that probe may take. */
    timeoutMs: often?.timeoutMs ?? 0,
  }
}

const everyMs = (check: Check) => intervalMsOf(check) ?? cronMs

/** Takes in a reading, by pool; failed readings are not passed in. */
export function observeReading(
  state: CrosscheckState,
  pools: ReadonlyMap<string, PoolReading>,
  { startedMs, endedMs }: { readonly startedMs: number; readonly endedMs: number },
  reach: Reach,
): Finding[] {
  const news = [...pools].flatMap(([pool, reading]) => {
    const ledger = state.ledgers.get(pool) ?? createPoolLedger()
    state.ledgers.set(pool, ledger)
    const fresh = readPool(ledger, reading)
    return fresh === undefined ? [] : [{ ...fresh, pool }]
  })
  const fromMs = state.readMs
  state.readMs = startedMs
  if (startedMs < fromMs) {
    startOver(state)
    return []
  }
  state.knownFromMs ??= startedMs
  const [first] = news
  if (first !== undefined) {
    const workers = news.reduce((sum, each) => sum + each.workers, 0)
    const pools = news.map(({ pool }) => pool)
    noteCounted(state, { fromMs, toMs: endedMs, cause: first.cause, workers, pools }, reach.toleranceMs)
  }
  const matches = matchTouching(state, reach)
  // How many workers there were before the counters started over is not known.
  if (news.some(({ reset }) => reset)) state.knownFromMs = startedMs
  return [...matches, ...settleOutside(state, reach)]
}

/** Workers that ended, as WAS wrote it. */
export interface Written {
  readonly ends: readonly WrittenEnd[]
  /** WAS wrote of no others in this time. Absent where windows_exporter is read, which misses none either. */
  readonly covered?: { readonly fromMs: number; readonly toMs: number }
}

/** Takes in what WAS wrote, each event once. */
export function observeWritten(state: CrosscheckState, { ends, covered }: Written, reach: Reach): Finding[] {
  if (covered !== undefined) {
    if (state.knownFromMs === undefined || covered.fromMs > state.readMs) state.knownFromMs = covered.fromMs
    state.readMs = Math.max(state.readMs, covered.toMs)
  }
  const explained = ends.flatMap(({ pool, process: _process, ...was }) =>
    noteWritten(state, pool, was, reach.toleranceMs),
  )
  return [...explained, ...matchTouching(state, reach), ...settleOutside(state, reach)]
}

export function observeRecycle(state: CrosscheckState, recycle: SeenOutside, reach: Reach): Finding[] {
  // What only later waits made clear may have been told as missed, all of it or one worker of several.
  const at = { ...recycle, reportedMs: recycle.atMs }
  const told = state.concluded.filter(
    ({ of, finding }) => finding.inside && isFree(of) && !state.inside.some((each) => each === of),
  )
  const missed = nearest(told, ({ of }) => gapMs(of, at, reach), reach.toleranceMs)
  if (missed !== undefined) {
    missed.of.matched++
    missed.finding = { ...missed.finding, seen: 'both', late: 'outside', outside: shownOutside(recycle) }
    return [missed.finding]
  }
  keep(state.outside, recycle)
  return matchTouching(state, reach)
}

/** Takes in that the node gave a good answer, which ended then. */
export function observeAnswer(state: CrosscheckState, endedMs: number): void {
  state.answeredMs = Math.max(state.answeredMs, endedMs)
}

/** Draws the conclusions that only needed time to pass. */
export function advanceCrosscheck(state: CrosscheckState, nowMs: number, reach: Reach): Finding[] {
  const waitMs = reach.toleranceMs + reach.outsideMs + reach.timeoutMs
  const findings: Finding[] = []
  for (const inside of state.inside.filter(({ toMs }) => nowMs >= toMs + waitMs)) {
    if (inside.matched === 0) for (const finding of matchNearest(state, inside, reach)) findings.push(finding)
    // While the node does not answer, its worker cannot be seen from outside.
    if (inside.matched === 0 && state.answeredMs <= inside.toMs) continue
    if (inside.matched === 0)
      findings.push(
        conclude(state, inside, { atMs: inside.toMs, seen: 'inside', inside: shownInside(inside) }),
      )
    state.inside = state.inside.filter((each) => each !== inside)
  }
  return findings
}

/** Matches the nearest that was seen outside, unless that is nearer to another: then it goes there, and the next is tried. */
function matchNearest(state: CrosscheckState, inside: SeenInside, reach: Reach): Finding[] {
  const findings: Finding[] = []
  while (inside.matched === 0) {
    const outside = nearest(state.outside, (each) => gapMs(inside, each, reach), reach.toleranceMs)
    if (outside === undefined) break
    const nearer = nearest(
      state.inside.filter(isFree),
      (each) => gapMs(each, outside, reach),
      reach.toleranceMs,
    )
    findings.push(match(state, nearer ?? inside, outside))
  }
  return findings
}

/** Settles those seen outside that the readings should have shown by now. */
function settleOutside(state: CrosscheckState, reach: Reach): Finding[] {
  const { knownFromMs = Number.POSITIVE_INFINITY } = state
  const findings: Finding[] = []
  for (const outside of state.outside.filter(
    ({ reportedMs }) => state.readMs >= reportedMs + reach.toleranceMs,
  )) {
    const inside = nearest(
      state.inside.filter(isFree),
      (each) => gapMs(each, outside, reach),
      reach.toleranceMs,
    )
    if (inside !== undefined) findings.push(match(state, inside, outside))
    else if (outside.atMs - reach.outsideMs - reach.toleranceMs >= knownFromMs) {
      const of = {
        fromMs: outside.atMs - reach.outsideMs,
        toMs: outside.reportedMs,
        counted: 0,
        written: 0,
        matched: 1,
      }
      findings.push(
        conclude(state, of, { atMs: outside.atMs, seen: 'outside', outside: shownOutside(outside) }),
      )
    }
    state.outside = state.outside.filter((each) => each !== outside)
  }
  return findings
}

function matchTouching(state: CrosscheckState, reach: Reach): Finding[] {
  return [...state.outside].flatMap((outside) => {
    const inside = state.inside.find((each) => isFree(each) && gapMs(each, outside, reach) === 0)
    return inside === undefined ? [] : [match(state, inside, outside)]
  })
}

const isFree = (each: Witnessed): boolean => each.matched < workersOf(each)

function match(state: CrosscheckState, inside: SeenInside, outside: SeenOutside): Finding {
  inside.matched++
  state.outside = state.outside.filter((each) => each !== outside)
  return conclude(state, inside, {
    atMs: outside.atMs,
    seen: 'both',
    outside: shownOutside(outside),
    inside: shownInside(inside),
  })
}

function conclude({ concluded }: CrosscheckState, of: Witnessed, finding: Finding): Finding {
  keep(concluded, { of, finding })
  return finding
}

/** The time between the two spans; 0 when they touch. */
function gapMs(
  inside: Pick<SeenInside, 'fromMs' | 'toMs'>,
  { atMs, reportedMs }: SeenOutside,
  { outsideMs }: Reach,
): number {
  return Math.max(0, atMs - outsideMs - inside.toMs, inside.fromMs - reportedMs)
}

const shownOutside = ({
  reportedMs: _reportedMs,
  ...outside
}: SeenOutside): NonNullable<Finding['outside']> => outside
