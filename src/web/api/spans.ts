/** The span of time that a request is about, and how finely an answer divides it. */
import type { Eventual, History } from '../../history/history.ts'
import type { Span } from '../../model/past.ts'
import { dayMs, minuteMs } from '../../runtime/duration.ts'
import { Refusal } from './refusal.ts'

/** The span that a request names; `usualSinceMs` is where it begins when the request does not say. */
export function spanOf(
  { since, until }: { readonly since: number | undefined; readonly until: number | undefined },
  nowMs: number,
  usualSinceMs: number,
): Span {
  // One more than now: what happens in this very millisecond is part of it.
  const span = { sinceMs: since ?? usualSinceMs, untilMs: until ?? nowMs + 1 }
  if (span.sinceMs <= span.untilMs) return span
  throw new Refusal(400, `since (${iso(span.sinceMs)}) is later than until (${iso(span.untilMs)})`)
}

const iso = (atMs: number) => new Date(atMs).toISOString()

/** A span no longer than the history is, so that a span of years costs nothing. */
export async function remembered({ sinceMs, untilMs }: Span, history: Eventual<History>): Promise<Span> {
  return { sinceMs: Math.min(untilMs, Math.max(sinceMs, await history.oldestMs())), untilMs }
}

const stepLengthsMs = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * minuteMs)

/** The shortest step, in milliseconds, of which at most `most` fill the span; from a day on a number of days. */
export function stepLengthMs({ sinceMs, untilMs }: Span, most: number): number {
  const lengthMs = untilMs - sinceMs - 1
  const days = Math.max(1, Math.ceil(lengthMs / dayMs / most))
  return stepLengthsMs.find((ms) => lengthMs / ms <= most) ?? days * dayMs
}
