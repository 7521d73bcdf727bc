/** What is known of the recycles of one node, and what waits to be compared. */
import type { Crosschecked, RecycleEvidence } from '../model/event.ts'
import type { WorkerCause, WorkerEnd } from '../model/workers.ts'
import type { PoolLedger } from './pool_ledger.ts'

/** A recycle as it was reported from outside, and when. */
export interface SeenOutside {
  readonly atMs: number
  readonly reportedMs: number
  readonly evidence: RecycleEvidence
  readonly confidence: number
}

/** New workers in a time, and which of the witnesses inside have told of them. */
export interface Witnessed {
  readonly fromMs: number
  readonly toMs: number
  /** How many windows_exporter counted. */
  counted: number
  /** Of how many WAS wrote why their predecessor ended. */
  written: number
  /** Recycles seen outside that were matched with it: at most as many as it has new workers. */
  matched: number
}

export interface SeenInside extends Witnessed {
  readonly cause: WorkerCause
  readonly pools: readonly string[]
  was?: WorkerEnd
}

/** A conclusion, before it is known whether it falls in maintenance. */
export type Finding = Pick<Crosschecked, 'atMs' | 'seen' | 'late' | 'outside' | 'inside'>

/** A conclusion that WAS may explain later. */
interface Concluded {
  readonly of: Witnessed
  finding: Finding
}

export interface CrosscheckState {
  readonly ledgers: Map<string, PoolLedger>
  /** From when on what happens inside is known; undefined before anything is. */
  knownFromMs: number | undefined
  /** Up to when: when the newest reading was begun, or the last moment that WAS's events cover. */
  readMs: number
  /** When the newest good answer of the node ended. */
  answeredMs: number
  inside: SeenInside[]
  outside: SeenOutside[]
  concluded: Concluded[]
}

/** The most that waits for its counterpart: an exporter may be down for days. */
const mostWaiting = 64

export const createCrosscheck = (): CrosscheckState => ({
  ledgers: new Map(),
  knownFromMs: undefined,
  readMs: Number.NEGATIVE_INFINITY,
  answeredMs: Number.NEGATIVE_INFINITY,
  inside: [],
  outside: [],
  concluded: [],
})

/** The wall clock was set back: the times of what waits, or came since the last reading, mean nothing any more. */
export function startOver(state: CrosscheckState): void {
  const { ledgers, readMs } = state
  Object.assign(state, createCrosscheck(), { ledgers, readMs, knownFromMs: readMs })
}

export function keep<T>(waiting: T[], news: T): void {
  waiting.push(news)
  if (waiting.length > mostWaiting) waiting.shift()
}

export const workersOf = ({ counted, written }: Witnessed): number => Math.max(counted, written)

/** The nearest of those at most `toleranceMs` away. */
export function nearest<T>(
  all: readonly T[],
  gapTo: (each: T) => number,
  toleranceMs: number,
): T | undefined {
  return all.filter((each) => gapTo(each) <= toleranceMs).toSorted((a, b) => gapTo(a) - gapTo(b))[0]
}

export const shownInside = (inside: SeenInside): NonNullable<Finding['inside']> => {
  const { fromMs, toMs, cause, pools, was } = inside
  return { fromMs, toMs, cause, workers: workersOf(inside), pools, ...(was && { was }) }
}
