/**
 * Compares the recycles of one node that were seen from outside with those that IIS counts inside; pure, as the
 * detectors are. Neither side knows the moment exactly: inside it is between two readings, outside between the last
 * answer of the old worker and the moment when the new one was reported. Spans that touch are one recycle; of the
 * others, the closest are, if no more than the tolerance is between them.
 */
import type { Crosschecked, RecycleEvidence, WorkerCause } from '../model/event.ts'
import { type Check, type Farm, intervalMsOf } from '../model/farm.ts'
import { hourMs } from '../runtime/duration.ts'
import { createPoolLedger, type PoolLedger, type PoolReading, readPool } from './pool_ledger.ts'

/** A recycle as it was reported from outside, and when. */
export interface SeenOutside {
  readonly atMs: number
  readonly reportedMs: number
  readonly evidence: RecycleEvidence
  readonly confidence: number
}

interface SeenInside {
  readonly fromMs: number
  readonly toMs: number
  readonly cause: WorkerCause
  readonly workers: number
  readonly pools: readonly string[]
  /** Recycles seen outside that were matched with it: at most as many as it has new workers. */
  matched: number
}

export interface CrosscheckState {
  readonly ledgers: Map<string, PoolLedger>
  /** From when on what happens inside is counted; undefined before the first reading. */
  countedFromMs: number | undefined
  /** When the newest reading was begun. */
  readMs: number
  /** When the newest good answer of the node ended. */
  answeredMs: number
  inside: SeenInside[]
  outside: SeenOutside[]
}

/** A conclusion, before it is known whether it falls in maintenance. */
export type Finding = Pick<Crosschecked, 'atMs' | 'seen' | 'outside' | 'inside'>

/** The most that waits for its counterpart: an exporter may be down for days. */
const mostWaiting = 64
/** Stands for the interval of a cron check, which is not known here. */
const cronMs = hourMs

export const createCrosscheck = (): CrosscheckState => ({
  ledgers: new Map(),
  countedFromMs: undefined,
  readMs: Number.NEGATIVE_INFINITY,
  answeredMs: Number.NEGATIVE_INFINITY,
  inside: [],
  outside: [],
})

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
  if (startedMs < fromMs) return startOver(state)
  state.countedFromMs ??= startedMs
  const [first] = news
  if (first !== undefined)
    keep(state.inside, {
      fromMs,
      toMs: endedMs,
      cause: first.cause,
      workers: news.reduce((sum, { workers }) => sum + workers, 0),
      pools: news.map(({ pool }) => pool),
      matched: 0,
    })
  const matches = matchTouching(state, reach)
  // How many workers there were before the counters started over is not known.
  if (news.some(({ reset }) => reset)) state.countedFromMs = startedMs
  return [...matches, ...settleOutside(state, reach)]
}

/** The wall clock was set back: the times of what waits, or came since the last reading, mean nothing any more. */
function startOver(state: CrosscheckState): [] {
  state.inside = []
  state.outside = []
  state.countedFromMs = state.readMs
  state.answeredMs = Number.NEGATIVE_INFINITY
  return []
}

export function observeRecycle(state: CrosscheckState, recycle: SeenOutside, reach: Reach): Finding[] {
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
      findings.push({ atMs: inside.toMs, seen: 'inside', inside: shownInside(inside) })
    state.inside = state.inside.filter((each) => each !== inside)
  }
  return findings
}

/** Matches the nearest that was seen outside, unless that is nearer to another: then it goes there, and the next is tried. */
function matchNearest(state: CrosscheckState, inside: SeenInside, reach: Reach): Finding[] {
  const findings: Finding[] = []
  while (inside.matched === 0) {
    const outside = nearest(state.outside, (each) => gapMs(inside, each, reach), reach)
    if (outside === undefined) break
    const nearer = nearest(state.inside.filter(isFree), (each) => gapMs(each, outside, reach), reach)
    findings.push(match(state, nearer ?? inside, outside))
  }
  return findings
}

/** Settles those seen outside that the readings should have shown by now. */
function settleOutside(state: CrosscheckState, reach: Reach): Finding[] {
  const { countedFromMs = Number.POSITIVE_INFINITY } = state
  const findings: Finding[] = []
  for (const outside of state.outside.filter(
    ({ reportedMs }) => state.readMs >= reportedMs + reach.toleranceMs,
  )) {
    const inside = nearest(state.inside.filter(isFree), (each) => gapMs(each, outside, reach), reach)
    if (inside !== undefined) findings.push(match(state, inside, outside))
    else if (outside.atMs - reach.outsideMs - reach.toleranceMs >= countedFromMs)
      findings.push({ atMs: outside.atMs, seen: 'outside', outside: shownOutside(outside) })
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

const isFree = ({ matched, workers }: SeenInside): boolean => matched < workers

function match(state: CrosscheckState, inside: SeenInside, outside: SeenOutside): Finding {
  inside.matched++
  state.outside = state.outside.filter((each) => each !== outside)
  return {
    atMs: outside.atMs,
    seen: 'both',
    outside: shownOutside(outside),
    inside: shownInside(inside),
  }
}

/** The time between the two spans; 0 when they touch. */
function gapMs(inside: SeenInside, { atMs, reportedMs }: SeenOutside, { outsideMs }: Reach): number {
  return Math.max(0, atMs - outsideMs - inside.toMs, inside.fromMs - reportedMs)
}

function nearest<T>(all: readonly T[], gapTo: (each: T) => number, { toleranceMs }: Reach): T | undefined {
  return all.filter((each) => gapTo(each) <= toleranceMs).toSorted((a, b) => gapTo(a) - gapTo(b))[0]
}

const shownInside = ({ matched: _matched, ...inside }: SeenInside): NonNullable<Finding['inside']> => inside

const shownOutside = ({
  reportedMs: _reportedMs,
  ...outside
}: SeenOutside): NonNullable<Finding['outside']> => outside

function keep<T>(waiting: T[], news: T): void {
  waiting.push(news)
  if (waiting.length > mostWaiting) waiting.shift()
}
