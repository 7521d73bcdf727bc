import type { Random } from '../../runtime/random.ts'
import type { When } from './blueprint.ts'
import { exponentialMs } from './chance.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

/** When it happens next after `afterMs`, wall milliseconds; Infinity for never again. */
export function nextOccurrence(when: When, afterMs: number, startMs: number, random: Random): number {
  if (when.kind === 'random') return afterMs + exponentialMs(when.meanMs, random)
  if (when.kind === 'daily')
    return Math.min(...when.minutes.map((minute) => nextMinuteOfDay(minute, afterMs)))
  if (when.kind === 'at')
    return Math.min(...when.offsetsMs.map((offsetMs) => startMs + offsetMs).filter((atMs) => atMs > afterMs))
  const firstMs = startMs + when.firstMs
  if (afterMs < firstMs) return firstMs
  return firstMs + (Math.floor((afterMs - firstMs) / when.everyMs) + 1) * when.everyMs
}

/** The next time, after `afterMs`, that so many minutes of the day (UTC) have passed. */
export function nextMinuteOfDay(minute: number, afterMs: number): number {
  const offsetMs = minute * minuteMs
  return (Math.floor((afterMs - offsetMs) / dayMs) + 1) * dayMs + offsetMs
}
