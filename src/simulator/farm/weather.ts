import { greatest, least } from '../../runtime/extremes.ts'
import type { Random } from '../../runtime/random.ts'
import { drawMs } from './chance.ts'
import type { LogTruth } from './true_events.ts'

/** A lost segment of an open connection is sent again after this. */
export const segmentRetryMs = 300

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export type Weather = ReturnType<typeof createWeather>

/** What lies between the prober and all targets alike: the network, and the prober itself. */
export function createWeather(log: LogTruth, random: Random) {
  let badUntilMs = 0
  let badMs = 0
  let lossShare = 0
  let stalls: readonly Span[] = []

  return {
    worsen(nowMs: number, toMs: number, addMs: number, loss: number): void {
      badUntilMs = toMs
      badMs = addMs
      lossShare = loss
      log({ kind: 'weather', atMs: nowMs, toMs, addMs })
    },
    /** What the weather is; undefined when it is good. */
    bad: (nowMs: number) => (nowMs < badUntilMs ? { addMs: badMs, lossShare } : undefined),
    /** The chance of the network. */
    random,
    /** What bad weather adds to one answer, in milliseconds; 0 in good weather. */
    extraMs: (nowMs: number): number =>
      nowMs < badUntilMs
        ? drawMs({ medianMs: badMs, sigma: 0.3 }, random) + (random() < lossShare ? segmentRetryMs : 0)
        : 0,
    /** Announces a time in which the prober does not run: one with those that it overlaps, between which it does not wake. */
    expectStall(fromMs: number, toMs: number): void {
      const known = stalls.filter((span) => span.toMs > fromMs - 600_000)
      const same = known.filter((span) => span.fromMs <= toMs && span.toMs >= fromMs)
      const whole = {
        fromMs: least([fromMs, ...same.map((span) => span.fromMs)]),
        toMs: greatest([toMs, ...same.map((span) => span.toMs)]),
      }
      stalls = [...known.filter((span) => !same.includes(span)), whole]
    },
    /** The stall that overlaps the span; undefined when the prober ran. */
    stallIn: (fromMs: number, toMs: number): Span | undefined =>
      stalls.find((span) => span.fromMs < toMs && span.toMs > fromMs),
  }
}
