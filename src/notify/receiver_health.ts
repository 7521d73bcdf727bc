import type { Clock } from '../runtime/clock.ts'
import { formatSpan } from '../runtime/duration.ts'
import type { Log } from '../runtime/log.ts'

/** Reports once that a receiver cannot be told, with the reason, and once that it can be again. */
export function createReceiverHealth(receiver: string, { clock, log }: { clock: Clock; log: Log }) {
  let failedSinceMs: number | undefined
  return {
    works(): void {
      if (failedSinceMs === undefined) return
      const forMs = clock.monotonicMs() - failedSinceMs
      failedSinceMs = undefined
      log.info(
        { self: 'notify', receiver },
        `notifications reach ${receiver} again, after ${formatSpan(forMs)}`,
      )
    },
    fails(why: string): void {
      if (failedSinceMs !== undefined) return
      failedSinceMs = clock.monotonicMs()
      log.warn({ self: 'notify', receiver }, `notifications do not reach ${receiver}: ${why}`)
    },
  }
}
