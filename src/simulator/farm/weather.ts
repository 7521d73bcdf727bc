import type { Random } from '../../runtime/random.ts'
import type { Answer } from '../answer/simulated_answer.ts'
import { drawMs } from './chance.ts'
import type { LogTruth } from './true_events.ts'

/** A lost SYN is sent again after a second. */
const synAgainMs = 1000
/** A lost segment of a running connection, sooner. */
const segmentAgainMs = 300

/** A span of time. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** What lies between the prober and all targets alike: the network, and the prober itself. */
export interface Weather {
  worsen(nowMs: number, toMs: number, addMs: number, loss: number): void
  /** An answer as it is seen through the network. */
  slow(answer: Answer, nowMs: number, networkMs: number): Answer
  /** What bad weather adds to one answer, in milliseconds; 0 in good weather. */
  extraMs(nowMs: number): number
  /** Foretells a time in which the prober stands still. */
  expectStall(fromMs: number, toMs: number): void
  /** The stall that overlaps the span; undefined when the prober ran. */
  stallIn(fromMs: number, toMs: number): Span | undefined
}

export function createWeather(log: LogTruth, random: Random): Weather {
  let badUntilMs = 0
  let badMs = 0
  let lossShare = 0
  let stalls: readonly Span[] = []

  const lost = (againMs: number) => (random() < lossShare ? againMs : 0)

  return {
    worsen(nowMs, toMs, addMs, loss) {
      badUntilMs = toMs
      badMs = addMs
      lossShare = loss
      log({ kind: 'weather', atMs: nowMs, toMs, addMs })
    },
    slow(answer, nowMs, networkMs) {
      const bad = nowMs < badUntilMs
      const noise = { sigma: bad ? 0.3 : 0.15 }
      const tripMs = drawMs({ medianMs: networkMs + (bad ? badMs : 0), ...noise }, random)
      const connectMs = tripMs + (bad ? lost(synAgainMs) : 0)
      if (answer.kind === 'failed')
        return { ...answer, connectMs, afterMs: answer.afterMs + (answer.how === 'refused' ? 0 : tripMs) }
      return {
        ...answer,
        connectMs,
        firstByteMs: answer.firstByteMs + tripMs + (bad ? lost(segmentAgainMs) : 0),
      }
    },
    extraMs: (nowMs) =>
      nowMs < badUntilMs ? drawMs({ medianMs: badMs, sigma: 0.3 }, random) + lost(segmentAgainMs) : 0,
    expectStall(fromMs, toMs) {
      stalls = [...stalls.filter((span) => span.toMs > fromMs - 600_000), { fromMs, toMs }]
    },
    stallIn: (fromMs, toMs) => stalls.find((span) => span.fromMs < toMs && span.toMs > fromMs),
  }
}
