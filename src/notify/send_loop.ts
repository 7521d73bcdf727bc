/** Sends one message after the other to one receiver, and the same one again for as long as it cannot be reached. */
import type { Cancel, Clock } from '../runtime/clock.ts'
import { secondMs } from '../runtime/duration.ts'
import type { Log } from '../runtime/log.ts'
import type { Random } from '../runtime/random.ts'
import type { Links } from './alertmanager_alert.ts'
import { backOffMs } from './back_off.ts'
import type { PostJson } from './post_json.ts'
import { createReceiverHealth } from './receiver_health.ts'

/** What became of an attempt; `dropped`: the message will not be sent any more. */
type Result = 'sent' | 'failed' | 'dropped'

/** What senders need of the rest of the program. */
export interface Around {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly links: Links
  readonly count: (receiver: string, result: Result) => void
  readonly setQueue: (receiver: string, length: number) => void
}

interface Job {
  readonly json: string
  sent(): void
  /** The receiver would refuse it again. */
  refused(): void
}

/** At the end of the program, so much time is left for what is still to be sent. */
const graceMs = secondMs

/** `next` gives what is to be sent now; undefined when there is nothing. */
export function createSendLoop(
  receiver: string,
  post: PostJson,
  next: () => Job | undefined,
  around: Around,
) {
  const { clock, random, count } = around
  const health = createReceiverHealth(receiver, around)
  const abort = new AbortController()
  let running: Promise<void> | undefined
  let cancelRetry: Cancel | undefined
  let failures = 0
  let stopped = false

  async function send(): Promise<void> {
    for (let job = next(); job !== undefined; job = next()) {
      const answer = await post(job.json, abort.signal)
      if (answer.ok) {
        failures = 0
        health.works()
        count(receiver, 'sent')
        job.sent()
        continue
      }
      health.fails(answer.why)
      count(receiver, 'failed')
      if (answer.isFinal) job.refused()
      else if (stopped) return
      else return retryIn(Math.max(answer.retryAfterMs, backOffMs(++failures, random)))
    }
  }
  function retryIn(delayMs: number): void {
    cancelRetry = clock.after(delayMs, () => {
      cancelRetry = undefined
      wake()
    })
  }
  /** There may be something to send. */
  function wake(): void {
    if (stopped || cancelRetry !== undefined) return
    // Rejected: the program ends, and there is no more time for it.
    running ??= send()
      .catch((error: unknown) => abort.signal.aborted || Promise.reject(error as Error))
      .then(() => {
        running = undefined
      })
  }
  return {
    wake,
    /** Sends what there is to send, once, for at most a second. */
    async stop(): Promise<void> {
      stopped = true
      cancelRetry?.()
      const cancelAbort = clock.after(graceMs, () => abort.abort())
      await running
      cancelAbort()
    },
  }
}
