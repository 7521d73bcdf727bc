import type { Random } from '../../runtime/random.ts'
import type { Answer } from '../answer/simulated_answer.ts'
import { drawMs } from './chance.ts'
import type { LogTruth } from './true_events.ts'

/** A lost SYN is sent again after a second. */
const synRetryMs = 1000
/** A lost segment of an open connection is sent again sooner. */
const segmentRetryMs = 300

/** A span of time. */
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

  const lost = (retryMs: number) => (random() < lossShare ? retryMs : 0)

  return {
    worsen(nowMs: number, toMs: number, addMs: number, loss: number): void {
      badUntilMs = toMs
      badMs = addMs
      lossShare = loss
      log({ kind: 'weather', atMs: nowMs, toMs, addMs })
    },
    /** An answer as it is seen through the network. */
    slow(answer: Answer, nowMs: number, networkMs: number): Answer {
      const bad = nowMs < badUntilMs
      const noise = { sigma: bad ? 0.3 : 0.15 }
      const tripMs = drawMs({ medianMs: networkMs + (bad ? badMs : 0), ...noise }, random)
      const connectMs = tripMs + (bad ? lost(synRetryMs) : 0)
      if (answer.kind === 'failed')
        return { ...answer, connectMs, afterMs: answer.afterMs + (answer.how === 'refused' ? 0 : tripMs) }
      return {
        ...answer,
        connectMs,
        firstByteMs: answer.firstByteMs + tripMs + (bad ? lost(segmentRetryMs) : 0),
      }
    },
    /** What bad weather adds to one answer, in milliseconds; 0 in good weather. */
    extraMs: (nowMs: number): number =>
      nowMs < badUntilMs ? drawMs({ medianMs: badMs, sigma: 0.3 }, random) + lost(segmentRetryMs) : 0,
    /** Announces a time in which the prober does not run. */
    expectStall(fromMs: number, toMs: number): void {
      stalls = [...stalls.filter((span) => span.toMs > fromMs - 600_000), { fromMs, toMs }]
    },
    /** The stall that overlaps the span; undefined when the prober ran. */
    stallIn: (fromMs: number, toMs: number): Span | undefined =>
      stalls.find((span) => span.fromMs < toMs && span.toMs > fromMs),
  }
}
