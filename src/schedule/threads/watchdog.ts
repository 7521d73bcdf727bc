import type { Clock } from '../../runtime/clock.ts'

const patienceMs = 30_000
const lookEveryMs = 5000

export interface Watchdog {
  /** The watched one has given a sign of life. */
  pat(): void
  stop(): void
}

/**
 * Calls `bark` once when there has been no sign of life for 30 s. Time in which this thread itself was asleep does not
 * count: the signs of life may be waiting for it.
 */
export function createWatchdog(clock: Clock, bark: () => void): Watchdog {
  let silentMs = 0
  const look = () => {
    silentMs += lookEveryMs
    if (silentMs > patienceMs) bark()
    else cancel = clock.after(lookEveryMs, look)
  }
  let cancel = clock.after(lookEveryMs, look)
  return {
    pat() {
      silentMs = 0
    },
    stop: () => cancel(),
  }
}
