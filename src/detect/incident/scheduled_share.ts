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
/** Of a farm that is asked more often, fewer seconds are remembered. */
const most = 1024

export const share = fieldsOf({
  firstMs: optional(time),
  lastMs: optional(time),
  failed: number,
  /** Good ones from the first to the last that failed, and those sent after it. */
  good: number,
  goodSince: number,
})

type Share = Of<typeof share>

/** When the good ones of late were sent, the oldest first. */
export const recentGood = listOf(time)

/** A good scheduled probe at the balancer was sent at `atMs`. */
export function noteGood(recent: number[], shares: readonly Share[], atMs: number, nowMs: number): void {
  insert(recent, atMs)
  while (recent.length > most || (recent[0] ?? nowMs) < nowMs - rememberedMs) recent.shift()
  for (const each of shares) {
    const { firstMs, lastMs } = each
    if (firstMs === undefined || lastMs === undefined || atMs < firstMs) continue
    if (atMs > lastMs) each.goodSince++
    else each.good++
  }
}

/** A scheduled probe at the balancer that was sent at `atMs` failed. */
export function noteFailed(recent: readonly number[], known: Share, atMs: number): void {
  const { firstMs = atMs, lastMs = Number.NEGATIVE_INFINITY } = known
  const count = (isCounted: (ms: number) => boolean) => recent.filter(isCounted).length
  if (known.firstMs === undefined) known.goodSince = count((ms) => ms >= atMs)
  if (atMs < firstMs) known.good += count((ms) => ms >= atMs && ms < firstMs)
  if (atMs > lastMs) {
    const later = count((ms) => ms > atMs)
    known.good += known.goodSince - later
    known.goodSince = later
  }
  known.failed++
  known.firstMs = Math.min(firstMs, atMs)
  known.lastMs = Math.max(lastMs, atMs)
}

/** Answers come roughly in order. */
function insert(sorted: number[], atMs: number): void {
  const after = sorted.findLastIndex((ms) => ms <= atMs)
  sorted.splice(after + 1, 0, atMs)
}
