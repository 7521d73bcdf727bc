/**
 * When a worker started, where its token says so: as the identity pages in contrib/identity do, many applications join the
 * number of a process with its start time.
 */
import { dayMs } from '../../runtime/duration.ts'

/** .NET counts `DateTime.Ticks` of 100 ns from the year 1: so many milliseconds before 1970. */
const ticksEpochMs = 62_135_596_800_000
/** The usual counts of time, by their digits in this century. */
const countsByDigits: Readonly<Record<number, (count: number) => number>> = {
  10: (seconds) => seconds * 1000,
  13: (ms) => ms,
  16: (microseconds) => microseconds / 1000,
  18: (ticks) => ticks / 10_000 - ticksEpochMs,
  19: (nanoseconds) => nanoseconds / 1e6,
}
/** A process older than this is hardly one of a web server, and clocks of nodes may be ahead by less than a day. */
const plausible = { agoMs: 400 * dayMs, aheadMs: dayMs }
/** Workers that start, or are seen, within this time of the first were replaced together. */
export const togetherMs = 1000
/** Odds that leave no doubt, as after a time in which pools idle out. */
export const sureOdds = 1000
/** How much less likely a worker is new when its token says that it started before there was any answer. */
const olderOdds = 0.01

/** The start that a token of an answer at `nowMs` tells, both wall milliseconds; undefined if it tells none. */
export function startIn(token: string, nowMs: number): number | undefined {
  for (const [digits] of token.matchAll(/\d{10,19}/g)) {
    const startMs = countsByDigits[digits.length]?.(Number(digits))
    if (startMs !== undefined && startMs > nowMs - plausible.agoMs && startMs < nowMs + plausible.aheadMs)
      return startMs
  }
  return undefined
}

/** What the start that its token tells says of a worker that is seen for the first time, in a pool that has answered since `sinceMs`. */
export const oddsOfStart = (startMs: number | undefined, sinceMs: number | undefined): number =>
  startMs === undefined || sinceMs === undefined ? 1 : startMs < sinceMs ? olderOdds : sureOdds

/** Whether a worker with one of these tokens started together with one that started at `startMs`. */
export const startedTogether = (tokens: readonly string[], startMs: number): boolean =>
  tokens.some((token) => Math.abs((startIn(token, startMs) ?? 0) - startMs) < togetherMs)
