/** W3C Trace Context: https://www.w3.org/TR/trace-context/#traceparent-header */
import { randomBytes } from 'node:crypto'

/** A `traceparent` of version 00 that begins a new trace, and asks for it to be recorded. */
export const randomTraceparent = (): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`

/** The trace that a `traceparent` belongs to. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)
