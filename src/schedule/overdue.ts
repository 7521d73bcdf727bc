/** Notices that a probe is far slower than usual while it is still out: what it waits for can be looked at only then. */
import type { Entry } from './probing_plan.ts'

/** A probe of a tick that is out. */
interface Awaited {
  readonly entry: Entry
  readonly startedMs: number
  /** The loop watch's mark at its start. */
  readonly mark: number
  /** From when it is overdue, in monotonic milliseconds. */
  readonly dueMs: number
  isOverdue: boolean
}

export interface OverdueOptions {
  /** Whether our own loop was so late since `mark` that the answer may be there, unread. */
  readonly isSuspect: (mark: number, nowMs: number, waitedMs: number) => boolean
  /** Told once of each probe. */
  readonly onOverdue: (entry: Entry, nowMs: number) => void
}

export interface OverdueWatch {
  /** Watches a probe that starts at `nowMs`; undefined when it is not to be watched, or nothing is known to be usual. */
  begin(entry: Entry, mark: number, nowMs: number): Awaited | undefined
  /** The probe is back. */
  end(awaited: Awaited): void
  /** Tells of the probes that have become overdue; to be called every few milliseconds while anything is out. */
  look(nowMs: number): void
}

/**
 * Watches probes with neither a timer for each nor a place in a heap: most are back long before they are due, and of
 * those that are out only the ones not told of yet are gone through, when the first of them may be due.
 */
export function watchOverdue({ isSuspect, onOverdue }: OverdueOptions): OverdueWatch {
  const out = new Set<Awaited>()
  /** None is due before. */
  let nextMs = Number.POSITIVE_INFINITY

  return {
    begin(entry, mark, startedMs) {
      const { check } = entry.round
      const dueMs = startedMs + entry.suspicion.patienceMs()
      if (check.burst === undefined || dueMs >= startedMs + check.timeoutMs) return undefined
      const awaited = { entry, startedMs, mark, dueMs, isOverdue: false }
      out.add(awaited)
      if (dueMs < nextMs) nextMs = dueMs
      return awaited
    },
    end: (awaited) => void out.delete(awaited),
    look(nowMs) {
      if (nowMs < nextMs) return
      nextMs = Number.POSITIVE_INFINITY
      for (const awaited of out) {
        const { entry, startedMs, mark, dueMs } = awaited
        if (dueMs > nowMs || isSuspect(mark, nowMs, nowMs - startedMs)) {
          nextMs = Math.min(nextMs, dueMs)
          continue
        }
        out.delete(awaited)
        awaited.isOverdue = true
        if (!entry.gone) onOverdue(entry, nowMs)
      }
    },
  }
}
