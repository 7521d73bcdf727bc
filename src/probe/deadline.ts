import type { Clock } from '../runtime/clock.ts'
import type { Failure } from './failure.ts'

/** Stops what a step of a probe has under way; called at most once. */
export type Stop = () => void

/** The one time limit of a probe, over all its steps and hops. */
export type Deadline = ReturnType<typeof startDeadline>

/** A deadline `timeoutMs` from now; `describe` gives its failure at the moment it passes. */
export function startDeadline(clock: Clock, timeoutMs: number, signal: AbortSignal, describe: () => Failure) {
  let interrupt: ((end: { failure: Failure } | { abandoned: unknown }) => void) | undefined
  let passed: Failure | undefined
  const cancel = clock.after(timeoutMs, () => {
    passed = describe()
    interrupt?.({ failure: passed })
  })
  const abandon = () => interrupt?.({ abandoned: signal.reason })
  signal.addEventListener('abort', abandon)
  return {
    /**
     * Makes one step: `start` begins it, calls `done` with its result, and returns what stops it. Resolves with that
     * result, or with the failure of the deadline when that comes first. Rejects only when the probe is abandoned.
     */
    step<T extends object>(start: (done: (result: T) => void) => Stop): Promise<T | Failure> {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        if (passed) return resolve(passed)
        let over = false
        const stop = start((result) => {
          if (over) return
          over = true
          interrupt = undefined
          resolve(result)
        })
        // A step may be done before it returns.
        if (over) return
        interrupt = (end) => {
          over = true
          interrupt = undefined
          stop()
          if ('failure' in end) resolve(end.failure)
          else reject(end.abandoned)
        }
      })
    },
    /** Must be called when the probe is over, whatever its end. */
    clear(): void {
      cancel()
      signal.removeEventListener('abort', abandon)
    },
  }
}
