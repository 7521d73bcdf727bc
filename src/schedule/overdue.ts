/** Finds probes that take far longer than usual while they are in flight: what they wait for can be seen only then. */
import type { Lane } from '../model/outcome.ts'
import type { Entry } from './probing_plan.ts'

/** A probe in flight. */
export interface Awaited {
  readonly entry: Entry
  readonly lane: Lane
  /** The mark of `watchLoop` at its start. */
  readonly mark: number
  /** When it is to be reported next: as one that takes long, or as overdue; in monotonic milliseconds. */
  nextMs: number
  /** From when it is overdue, in monotonic milliseconds. */
  readonly overdueMs: number
  isOverdue: boolean
}

export interface OverdueOptions {
  /** How late an answer can be on our own account since `mark`, in milliseconds at most. */
  readonly latenessMs: (mark: number, nowMs: number) => number
  /** Called once for each probe that takes long, unless it is overdue by then. */
  readonly onLong: (awaited: Awaited, nowMs: number) => void
  /** Called once for each overdue probe. */
  readonly onOverdue: (awaited: Awaited, nowMs: number) => void
}

/**
 * Watches probes without a timer or a place in a heap for each: most end long before they are due, and the others are
 * gone through only when the first of them may be due.
 */
export function watchOverdue({ latenessMs, onLong, onOverdue }: OverdueOptions) {
  const inFlight = new Set<Awaited>()
  /** None is due before. */
  let nextMs = Number.POSITIVE_INFINITY

  return {
    /** Watches a probe that starts at `startedMs`; undefined when its check has no bursts or nothing is known to be usual. */
    begin(entry: Entry, lane: Lane, mark: number, startedMs: number): Awaited | undefined {
      const { check } = entry.round
      const longMs = startedMs + entry.usual.longAfterMs()
      if (check.burst === undefined || longMs >= startedMs + check.timeoutMs) return undefined
      const overdueMs = startedMs + entry.usual.overdueAfterMs()
      const awaited = { entry, lane, mark, nextMs: longMs, overdueMs, isOverdue: false }
      inFlight.add(awaited)
      if (longMs < nextMs) nextMs = longMs
      return awaited
    },
    end: (awaited: Awaited): void => void inFlight.delete(awaited),
    /** Reports the probes that have come to take long, or are overdue; to be called every few milliseconds while any is in flight. */
    check(nowMs: number): void {
      if (nowMs < nextMs) return
      nextMs = Number.POSITIVE_INFINITY
      for (const awaited of inFlight) {
        const { entry, mark, overdueMs } = awaited
        const waitedMs = nowMs - latenessMs(mark, nowMs)
        if (waitedMs >= overdueMs) {
          inFlight.delete(awaited)
          awaited.isOverdue = true
          if (!entry.gone) onOverdue(awaited, nowMs)
          continue
        }
        if (waitedMs >= awaited.nextMs) {
          awaited.nextMs = overdueMs
          if (!entry.gone) onLong(awaited, nowMs)
        }
        nextMs = Math.min(nextMs, awaited.nextMs)
      }
    },
  }
}
