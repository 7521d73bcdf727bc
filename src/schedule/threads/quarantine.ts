/** Sets apart what blocks a prober thread: a check is not probed on a target for a while, each time for longer. */
import { type Subject, subjectKey } from '../../model/outcome.ts'

/** Until when each is not probed, in monotonic milliseconds, by `subjectKey`. */
export type Quarantined = ReadonlyMap<string, number>

const shortestMs = 60_000
const longestMs = 3_600_000

export function createQuarantine() {
  const stays = new Map<string, { readonly untilMs: number; readonly lengthMs: number }>()
  return {
    /** How long it is set apart from now on, in milliseconds; undefined when it is already. */
    add(subject: Subject, nowMs: number): number | undefined {
      // One that was quiet for as long as it was set apart begins anew.
      for (const [key, { untilMs, lengthMs }] of stays) if (nowMs > untilMs + lengthMs) stays.delete(key)
      const before = stays.get(subjectKey(subject))
      if (before !== undefined && nowMs < before.untilMs) return undefined
      const lengthMs = Math.min(longestMs, before === undefined ? shortestMs : before.lengthMs * 2)
      stays.set(subjectKey(subject), { untilMs: nowMs + lengthMs, lengthMs })
      return lengthMs
    },
    list: (): Quarantined => new Map([...stays].map(([key, { untilMs }]) => [key, untilMs])),
  }
}
