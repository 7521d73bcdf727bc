import { performance } from 'node:perf_hooks'

/** Ends a timer that has not fired; ending it twice, or after it fired, does nothing. */
export type Cancel = () => void

/**
 * The only source of time. Everything that asks for the time or waits takes a Clock, so that a test or the
 * simulator can run a year of a farm in a second.
 */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch; may jump in either direction. */
  wallMs(): number
  /** Monotonic time in milliseconds with a fraction, from an arbitrary origin that all threads share; never jumps. */
  monotonicMs(): number
  /** Calls `wake` once, `delayMs` from now or as soon as possible after it. */
  after(delayMs: number, wake: () => void): Cancel
}

/** Node refuses longer timers: it fires them at once, with a warning. */
const longestTimerMs = 2 ** 31 - 1

/** `performance.now()` starts at zero in every thread; this makes one time of them, to some microseconds. */
const threadOriginMs = Math.max(originSample(), originSample(), originSample())

/** Too early by as long as the thread was not running between the two readings: the latest of several is right. */
function originSample(): number {
  const processMs = Number(process.hrtime.bigint()) / 1e6
  return processMs - performance.now()
}

/** The processor time that this thread has taken, in milliseconds. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The real clock of this process; its timers keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => threadOriginMs + performance.now(),
  after(delayMs, wake) {
    if (delayMs <= longestTimerMs) {
      const timer = setTimeout(wake, Math.max(0, delayMs))
      return () => clearTimeout(timer)
    }
    let cancel = systemClock.after(longestTimerMs, () => {
      cancel = systemClock.after(delayMs - longestTimerMs, wake)
    })
    return () => cancel()
  },
}
