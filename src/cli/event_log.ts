/** What happens on farms as lines of the log: one for each change of state, with fields for machines. */
import type { FarmEvent } from '../model/event.ts'
import { sentenceOf } from '../model/event_sentence.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Log } from '../runtime/log.ts'

/**
 * Writes each event as a line. Of a balancer's errors in a row for the same cause, the first is logged at level info and
 * the others at debug: they change nothing.
 */
export function createEventLog(log: Log): (event: FarmEvent) => void {
  /** The cause of the last error logged, by farm and check. */
  const lastCause = new Map<string, string>()
  const isChange = (event: FarmEvent) => {
    if (event.kind !== 'balancer_error') {
      if (event.kind === 'verdict') lastCause.delete(`${event.farm}\n${event.check}`)
      return true
    }
    const cause = `${event.node}\n${event.cause}\n${event.status}`
    const key = `${event.farm}\n${event.check}`
    const isNew = lastCause.get(key) !== cause
    lastCause.set(key, cause)
    return isNew
  }
  return (event) => {
    const words = `${event.farm}: ${sentenceOf(event)}`
    if (isChange(event)) log.info(fieldsOf(event), words)
    else log.debug(fieldsOf(event), words)
  }
}

/** The event without what its sentence says at length. */
function fieldsOf(event: FarmEvent): Record<string, unknown> {
  const { kind, farm, atMs, maintenance, ...rest } = event
  const { detail: _detail, sentence: _sentence, id, ...fields } = rest as Record<string, unknown>
  return {
    event: kind,
    farm,
    ...fields,
    ...(id !== undefined && { probe: id }),
    ...(maintenance && kind !== 'maintenance' && { maintenance }),
    at: new Date(atMs).toISOString(),
  }
}

/** At level debug every probe is a line, with the id that the servers' own logs can be joined on. */
export function logProbe(log: Log, outcome: Outcome): void {
  const { id, farm, role, target, check, lane, reason, status, firstByteMs, totalMs } = outcome
  log.debug({ id, farm, role, target, check, lane, reason, status, firstByteMs, totalMs }, 'probed')
}
