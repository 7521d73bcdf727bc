/** Whether the time reported for each verdict is the time that follows from the ticks. */
import { type Verdict, verdicts } from '../../../src/model/event.ts'
import { noTime } from '../simulated/slot_verdicts.ts'
import type { Watched } from '../simulated/watch_farm.ts'

export interface VerdictScore {
  /** Time reported under the wrong verdict, in milliseconds. */
  readonly offMs: number
  /** Time that is not `ok` by the ticks. */
  readonly troubleMs: number
}

export function scoreVerdicts(watched: Watched): VerdictScore {
  const { record } = watched
  const reported = reportedTimes(watched)
  const offMs =
    verdicts.reduce((sum, verdict) => sum + Math.abs(reported[verdict] - record.verdictMs[verdict]), 0) / 2
  const total = verdicts.reduce((sum, verdict) => sum + record.verdictMs[verdict], 0)
  return { offMs, troubleMs: total - record.verdictMs.ok }
}

/** Adds up the time between the changes; a check without any was `ok` all the time, as it is at the start. */
function reportedTimes({ events, record, endMs, scenario }: Watched): Record<Verdict, number> {
  const spent = noTime()
  const last = new Map<string, { readonly verdict: Verdict; readonly atMs: number }>()
  for (const event of events) {
    if (event.kind !== 'verdict') continue
    spent[event.previous] += event.heldMs
    last.set(event.check, { verdict: event.verdict, atMs: event.atMs })
  }
  for (const { verdict, atMs } of last.values()) spent[verdict] += endMs - atMs
  const total = verdicts.reduce((sum, verdict) => sum + record.verdictMs[verdict], 0)
  const reported = verdicts.reduce((sum, verdict) => sum + spent[verdict], 0)
  const silent = scenario.checks.some(({ name }) => !last.has(name))
  if (silent) spent.ok += Math.max(0, total - reported)
  return spent
}
