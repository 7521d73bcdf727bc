/** How far apart the probes of one slot start: together as long as that does not spoil their timing. */
import type { Schedule } from '../model/farm.ts'

/** Farms up to this size are seen in one moment: about 5 ms of work for a prober, most of it after the answers. */
const together = 16
/** A larger one is started in groups of so many. */
export const groupSize = 4
/** One probe in a millisecond keeps a thread about a third busy, so that no answer waits long for its turn. */
const msPerProbe = 1
/** Of its interval a slot takes this much at most, so that its probes still belong together. */
const mostOfInterval = 0.25
const cronIntervalMs = 4000

/** Milliseconds between the groups of a slot with so many targets; 0 when all start at once. */
export function groupGapMs(targets: number, schedule: Schedule): number {
  if (targets <= together) return 0
  const intervalMs = schedule.kind === 'interval' ? schedule.intervalMs : cronIntervalMs
  return groupSize * Math.min(msPerProbe, (mostOfInterval * intervalMs) / targets)
}
