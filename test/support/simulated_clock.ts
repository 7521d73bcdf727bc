import type { Clock } from '../../src/runtime/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly wake: () => void
}

/** A clock that stands still until it is told to go on. */
export interface SimulatedClock extends Clock {
  /** Lets time pass, and fires what falls due, in order; whatever follows from it by promises has happened, too. */
  advance(ms: number): Promise<void>
  /** Lets time pass without firing anything: the event loop is blocked. */
  block(ms: number): void
  /** Sets the wall clock forward or back. */
  jumpWall(ms: number): void
  /** Timers that wait. */
  pending(): number
}

/** A simulated clock; timers fire at the exact time they ask for. */
export function createSimulatedClock(wallMs = Date.UTC(2026, 6, 1), monotonicMs = 1000): SimulatedClock {
  let nowMs = monotonicMs
  let offsetMs = wallMs - monotonicMs
  let timers: Timer[] = []

  const takeDue = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers)
      if (timer.dueMs <= untilMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer
    timers = timers.filter((timer) => timer !== first)
    return first
  }
  return {
    wallMs: () => Math.floor(nowMs + offsetMs),
    monotonicMs: () => nowMs,
    after(delayMs, wake) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), wake }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      for (let timer = takeDue(untilMs); timer !== undefined; timer = takeDue(untilMs)) {
        nowMs = Math.max(nowMs, timer.dueMs)
        timer.wake()
        await promisesSettle()
      }
      nowMs = Math.max(nowMs, untilMs)
    },
    block(ms) {
      nowMs += ms
    },
    jumpWall(ms) {
      offsetMs += ms
    },
    pending: () => timers.length,
  }
}

/** More turns of the microtask queue than any chain of promises here is long. */
async function promisesSettle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}
