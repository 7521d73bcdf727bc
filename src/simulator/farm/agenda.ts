/** What is going to happen on a simulated farm, in order of time, and when it happens next. */
import { dayMs, minuteMs } from '../../runtime/duration.ts'
import { least } from '../../runtime/extremes.ts'
import type { Random } from '../../runtime/random.ts'
import type { When } from './blueprint.ts'
import { exponentialMs } from './chance.ts'

export interface Agenda {
  /** When the next thing is due, wall milliseconds; Infinity when nothing is. Until then `advance` does nothing. */
  nextMs: number
  /** Runs `run` once, when time reaches `atMs`. What is due at the same millisecond runs in the order it was added. */
  at(atMs: number, run: (nowMs: number) => void): void
  /** Runs everything due up to `nowMs`, including what that brings about. */
  advance(nowMs: number): void
}

interface Entry {
  readonly atMs: number
  readonly run: (nowMs: number) => void
}

/** An empty agenda. A farm has some dozens of things ahead, so a sorted list beats a heap. */
export function createAgenda(): Agenda {
  const entries: Entry[] = []
  const agenda: Agenda = {
    nextMs: Number.POSITIVE_INFINITY,
    at(atMs, run) {
      if (!Number.isFinite(atMs)) return
      const index = entries.findLastIndex((entry) => entry.atMs <= atMs) + 1
      entries.splice(index, 0, { atMs, run })
      agenda.nextMs = entries[0]?.atMs ?? Number.POSITIVE_INFINITY
    },
    advance(nowMs) {
      while (agenda.nextMs <= nowMs) {
        const due = entries.shift()
        agenda.nextMs = entries[0]?.atMs ?? Number.POSITIVE_INFINITY
        due?.run(due.atMs)
      }
    },
  }
  return agenda
}

/** When it happens next after `afterMs`, wall milliseconds; Infinity for never again. */
export function nextOccurrence(when: When, afterMs: number, startMs: number, random: Random): number {
  if (when.kind === 'random') return afterMs + exponentialMs(when.meanMs, random)
  if (when.kind === 'daily') return least(when.minutes.map((minute) => nextMinuteOfDay(minute, afterMs)))
  if (when.kind === 'at')
    return least(when.offsetsMs.map((offsetMs) => startMs + offsetMs).filter((atMs) => atMs > afterMs))
  const firstMs = startMs + when.firstMs
  if (afterMs < firstMs) return firstMs
  return firstMs + (Math.floor((afterMs - firstMs) / when.everyMs) + 1) * when.everyMs
}

/** The next time, after `afterMs`, that so many minutes of the day (UTC) have passed. */
export function nextMinuteOfDay(minute: number, afterMs: number): number {
  const offsetMs = minute * minuteMs
  return (Math.floor((afterMs - offsetMs) / dayMs) + 1) * dayMs + offsetMs
}
