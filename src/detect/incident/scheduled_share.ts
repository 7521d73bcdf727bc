/**
 * How many of the scheduled probes at the balancer failed, of those that were sent from the first that failed to the
 * last. Failures may come long after good answers to what was sent later, so the good ones are remembered for a while.
 *
 *   sent    o  o  x  o  o  x  o  o  x  o  o  o
 *                 [-----------------]             3 of 7
 */
import { fieldsOf, listOf, number, type Of, optional, time } from '../shape.ts'

/** A probe may take two minutes, and some more until it is known. */
const rememberedMs = 130_000
/** Of a farm that is asked more often, the oldest are only counted. */
const most = 1024

export const share = fieldsOf({
  firstMs: optional(time),
  lastMs: optional(time),
  failed: number,
  /** Good ones between the first and the last that failed. */
  good: number,
  /** Good ones after the last that failed, as far as they are not in the list of recent ones. */
  goodSince: number,
})

type Share = Of<typeof share>

/** When the good ones of late were sent, the oldest first. */
export const recentGood = listOf(time)

/** A good scheduled probe at the balancer was sent at `atMs`. */
export function noteGood(recent: number[], shares: readonly Share[], atMs: number, nowMs: number): void {
  insert(recent, atMs)
  for (const each of shares) if (isWithin(each, atMs)) each.good++
  while (recent.length > most || (recent[0] ?? nowMs) < nowMs - rememberedMs) {
    const oldestMs = recent.shift() ?? 0
    for (const each of shares) if (oldestMs > (each.lastMs ?? Number.POSITIVE_INFINITY)) each.goodSince++
  }
}

/** A scheduled probe at the balancer that was sent at `atMs` failed. */
export function noteFailed(recent: readonly number[], known: Share, atMs: number): void {
  const { firstMs = atMs, lastMs = atMs } = known
  known.failed++
  if (known.firstMs === undefined) known.good = count(recent, (ms) => ms === atMs)
  if (atMs < firstMs) known.good += count(recent, (ms) => ms >= atMs && ms < firstMs)
  if (atMs > lastMs) {
    known.good += known.goodSince + count(recent, (ms) => ms > lastMs && ms <= atMs)
    known.goodSince = 0
  }
  known.firstMs = Math.min(firstMs, atMs)
  known.lastMs = Math.max(lastMs, atMs)
}

const isWithin = ({ firstMs, lastMs }: Share, atMs: number): boolean =>
  firstMs !== undefined && lastMs !== undefined && atMs >= firstMs && atMs <= lastMs

const count = (list: readonly number[], isCounted: (ms: number) => boolean): number =>
  list.filter(isCounted).length

/** Answers come roughly in order. */
function insert(sorted: number[], atMs: number): void {
  const after = sorted.findLastIndex((ms) => ms <= atMs)
  sorted.splice(after + 1, 0, atMs)
}
