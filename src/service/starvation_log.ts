/** Says in the log when farmprobe itself gets too little CPU, and when that is over: two lines, however many samples it costs. */
import { endedMs, isSuspect, type Outcome } from '../model/outcome.ts'
import { formatSpan, secondMs } from '../runtime/duration.ts'
import type { Log } from '../runtime/log.ts'

/** After so long without a sample that was late it is over. */
const overAfterMs = 30 * secondMs

/** Call it with each outcome. */
export function createStarvationLog(log: Log): (outcome: Outcome) => void {
  let spell: { readonly fromMs: number; toMs: number; samples: number } | undefined
  return (outcome) => {
    const { startedMs } = outcome
    if (isSuspect(outcome)) {
      if (spell === undefined)
        log.warn({ self: 'starved' }, 'farmprobe is starved of CPU: late samples are not used as evidence')
      spell ??= { fromMs: startedMs, toMs: startedMs, samples: 0 }
      spell.samples++
      spell.toMs = Math.max(spell.toMs, endedMs(outcome))
    } else if (spell !== undefined && startedMs > spell.toMs + overAfterMs) {
      const { fromMs, toMs, samples } = spell
      spell = undefined
      const at = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
      log.info(
        { self: 'starved', samples, ...at },
        `farmprobe was starved of CPU for ${formatSpan(toMs - fromMs)}: ${samples} ${samples === 1 ? 'sample is' : 'samples are'} not used as evidence`,
      )
    }
  }
}
