import type { Clock } from '../../../src/runtime/clock.ts'

/** A clock on which time passes as fast as the work can be done. */
export interface VirtualClock extends Clock {
  /** When the next timer is due, in wall milliseconds as all time of this clock; infinity when none waits. */
  nextMs(): number
  /** Advances to the next timer and fires it; does nothing when none waits. */
  step(): void
}

interface Timer {
  readonly dueMs: number
  /** Timers of the same moment fire in the order in which they were set. */
  readonly turn: number
  wake: (() => void) | undefined
}

/** A clock that stands at `startMs`, in wall milliseconds; its monotonic time is the same number. */
export function createVirtualClock(startMs: number): VirtualClock {
  const heap: Timer[] = []
  let nowMs = startMs
  let turns = 0

  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, wake) {
      turns += 1
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), turn: turns, wake }
      push(heap, timer)
      return () => {
        timer.wake = undefined
      }
    },
    nextMs: () => heap[0]?.dueMs ?? Number.POSITIVE_INFINITY,
    step() {
      const timer = pop(heap)
      if (timer === undefined) return
      nowMs = timer.dueMs
      timer.wake?.()
    },
  }
}

const isBefore = (a: Timer, b: Timer) => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.turn < b.turn)

function push(heap: Timer[], timer: Timer): void {
  let index = heap.length
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] as Timer
    if (isBefore(above, timer)) break
    heap[index] = above
    index = parent
  }
  heap[index] = timer
}

function pop(heap: Timer[]): Timer | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (last !== undefined && heap.length > 0) sink(heap, last)
  return first
}

function sink(heap: Timer[], timer: Timer): void {
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child += 1
    const below = heap[child] as Timer
    if (isBefore(timer, below)) break
    heap[index] = below
    index = child
  }
  heap[index] = timer
}
