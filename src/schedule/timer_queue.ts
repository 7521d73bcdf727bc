/** All that a prober has to do at some time, on one timer: a binary heap of jobs by their due time. */
import type { Cancel, Clock } from '../runtime/clock.ts'

export interface Job {
  /** Monotonic milliseconds. Not to be changed while the job is in the queue. */
  dueMs: number
  /** A job that is cancelled is forgotten when it falls due. */
  cancelled: boolean
  /** `nowMs` may be up to half a millisecond before `dueMs`. */
  run(nowMs: number): void
}

/** Timers count whole milliseconds: a job this close runs now and not after one more timer. */
const nearMs = 0.5

export type TimerQueue = ReturnType<typeof createTimerQueue>

/** Runs jobs when they fall due, earliest first; a job may add itself again. */
export function createTimerQueue(clock: Clock) {
  const heap: Job[] = []
  let cancel: Cancel | undefined
  let setForMs = Number.POSITIVE_INFINITY
  let running = false
  let stopped = false

  const setTimer = () => {
    const next = heap[0]
    if (running || stopped || next === undefined || next.dueMs >= setForMs) return
    cancel?.()
    setForMs = next.dueMs
    cancel = clock.after(Math.max(0, Math.ceil(next.dueMs - clock.monotonicMs() - nearMs)), wake)
  }
  const wake = () => {
    setForMs = Number.POSITIVE_INFINITY
    running = true
    try {
      for (let nowMs = clock.monotonicMs(); isDue(heap[0], nowMs); nowMs = clock.monotonicMs()) {
        const job = pop(heap)
        if (!job.cancelled && !stopped) job.run(nowMs)
      }
    } finally {
      running = false
      setTimer()
    }
  }
  return {
    add(job: Job): void {
      push(heap, job)
      setTimer()
    },
    stop(): void {
      stopped = true
      cancel?.()
    },
  }
}

const isDue = (job: Job | undefined, nowMs: number) => job !== undefined && job.dueMs <= nowMs + nearMs

function push(heap: Job[], job: Job): void {
  let index = heap.length
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] as Job
    if (above.dueMs <= job.dueMs) break
    heap[index] = above
    index = parent
  }
  heap[index] = job
}

/** Takes the earliest job off a heap that is not empty. */
function pop(heap: Job[]): Job {
  const first = heap[0] as Job
  const last = heap.pop() as Job
  if (heap.length > 0) sink(heap, last)
  return first
}

function sink(heap: Job[], job: Job): void {
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && (heap[child + 1] as Job).dueMs < (heap[child] as Job).dueMs) child++
    const below = heap[child] as Job
    if (job.dueMs <= below.dueMs) break
    heap[index] = below
    index = child
  }
  heap[index] = job
}
