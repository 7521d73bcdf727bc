/** Finds probes that take far longer than usual while they are in flight: what they wait for can be seen only then. */
import type { Entry } from './probing_plan.ts'

interface Awaited {
  readonly entry: Entry
  /** The mark of `watchLoop` at its start. */
  readonly mark: number
  /** From when it is overdue, in monotonic milliseconds. */
  readonly dueMs: number
  isOverdue: boolean
}

export interface OverdueOptions {
  /** How late an answer can be on our own account since `mark`, in milliseconds at most. */
  readonly latenessMs: (mark: number, nowMs: number) => number
  /** Called once for each overdue probe. */
  readonly onOverdue: (entry: Entry, nowMs: number) => void
}

/**
 * Watches probes without a timer or a place in a heap for each: most end long before they are due, and the others are
 * gone through only when the first of them may be due.
 */
export function watchOverdue({ latenessMs, onOverdue }: OverdueOptions) {
  const inFlight = new Set<Awaited>()
  /** None is due before. */
  let nextMs = Number.POSITIVE_INFINITY

  return {
    /** Watches a probe that starts at `startedMs`; undefined when its check has no bursts or nothing is known to be usual. */
    begin(entry: Entry, mark: number, startedMs: number): Awaited | undefined {
      const { check } = entry.round
      const dueMs = startedMs + entry.usual.overdueAfterMs()
      if (check.burst === undefined || dueMs >= startedMs + check.timeoutMs) return undefined
      const awaited = { entry, mark, dueMs, isOverdue: false }
      inFlight.add(awaited)
      if (dueMs < nextMs) nextMs = dueMs
      return awaited
    },
    end: (awaited: Awaited): void => void inFlight.delete(awaited),
    /** Reports the probes that have become overdue; to be called every few milliseconds while any is in flight. */
    check(nowMs: number): void {
      if (nowMs < nextMs) return
      nextMs = Number.POSITIVE_INFINITY
      for (const awaited of inFlight) {
        const { entry, mark, dueMs } = awaited
        if (dueMs > nowMs - latenessMs(mark, nowMs)) {
          nextMs = Math.min(nextMs, dueMs)
          continue
        }
        inFlight.delete(awaited)
        awaited.isOverdue = true
        if (!entry.gone) onOverdue(entry, nowMs)
      }
    },
  }
}
