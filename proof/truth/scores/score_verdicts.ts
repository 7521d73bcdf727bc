/** Whether the time told for each verdict is the time that the ticks themselves deserve. */
import { type Verdict, verdicts } from '../../../src/model/event.ts'
import { noTime } from '../simulated/slot_verdicts.ts'
import type { Watched } from '../simulated/watch_farm.ts'

export interface VerdictScore {
  /** Time told under the wrong verdict, in milliseconds. */
  readonly offMs: number
  /** Time not `ok`, by the ticks. */
  readonly troubleMs: number
}

export function scoreVerdicts(watched: Watched): VerdictScore {
  const { witnessed } = watched
  const told = toldTimes(watched)
  const offMs =
    verdicts.reduce((sum, verdict) => sum + Math.abs(told[verdict] - witnessed.verdictMs[verdict]), 0) / 2
  const total = verdicts.reduce((sum, verdict) => sum + witnessed.verdictMs[verdict], 0)
  return { offMs, troubleMs: total - witnessed.verdictMs.ok }
}

/** Adds up what the changes say; a check without any was `ok` all the time, as it is at the start. */
function toldTimes({ events, witnessed, endMs, scenario }: Watched): Record<Verdict, number> {
  const spent = noTime()
  const last = new Map<string, { readonly verdict: Verdict; readonly atMs: number }>()
  for (const event of events) {
    if (event.kind !== 'verdict') continue
    spent[event.previous] += event.heldMs
    last.set(event.check, { verdict: event.verdict, atMs: event.atMs })
  }
  for (const { verdict, atMs } of last.values()) spent[verdict] += endMs - atMs
  const total = verdicts.reduce((sum, verdict) => sum + witnessed.verdictMs[verdict], 0)
  const told = verdicts.reduce((sum, verdict) => sum + spent[verdict], 0)
  const silent = scenario.checks.some(({ name }) => !last.has(name))
  if (silent) spent.ok += Math.max(0, total - told)
  return spent
}
