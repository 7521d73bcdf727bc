/** What is kept of the balancer's errors until they are attributed: a restart must lose none. */
import { lanes } from '../../model/outcome.ts'
import { fieldsOf, listOf, number, type Of, oneOf, optional, text, time } from '../shape.ts'

const keptError = fieldsOf({
  id: text,
  traceId: optional(text),
  check: text,
  lane: oneOf(lanes),
  startedMs: time,
  totalMs: number,
  firstByteMs: optional(number),
  status: number,
  origin: optional(text),
  tells: optional(text),
  servedBy: optional(text),
  identity: optional(text),
})

export const attributionState = fieldsOf({
  /** When the newest request to the balancer was sent, by any check. */
  askedMs: optional(time),
  /** Of the last day; see `stale_connections.ts`. */
  lone: listOf(fieldsOf({ run: text, atMs: time, idleMs: number })),
  open: listOf(
    fieldsOf({
      error: keptError,
      /** The first error of its run: errors of one check that no success of the balancer interrupts. */
      run: text,
      /** Errors in its run so far. */
      runLength: number,
      /** For how long the balancer had been asked nothing when its run began, in milliseconds; 0 where that is not known. */
      idleMs: number,
      /** When it is looked at next, and when it is attributed at the latest. */
      lookAtMs: time,
      lastMs: time,
      /** The node that kept the balancer waiting, when that is settled: only the cause is open. */
      stuck: optional(text),
    }),
  ),
})

export type OpenError = Of<typeof attributionState>['open'][number]
export type KeptError = Of<typeof keptError>
