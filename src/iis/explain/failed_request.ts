/** How requests fail, by what IIS logs of them: status, sub-status and Windows' code. */

/** A line of a log. */
export interface Where {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/**
 * `answered`: a node, or IIS before it reached an application, answered the error itself. `none_healthy`: the balancer
 * had no server left to ask. `client_left` is no fault of the farm.
 */
export type How =
  | 'timed_out'
  | 'refused'
  | 'died'
  | 'cut_off'
  | 'tls'
  | 'unresolved'
  | 'none_healthy'
  | 'queue_full'
  | 'answered'
  | 'other'
  | 'client_left'

export interface Failure {
  readonly where: Where
  /** As the balancer's log tells it by the host; empty where it does not. */
  readonly farm: string
  /** Of one request, or of several of one minute alike where there are very many: from the first to the last. */
  startMs: number
  endMs: number
  count: number
  readonly takenMs: number
  readonly how: How
  /** As `502.3.12002`. */
  readonly code: string
  readonly stem: string
  /** As the user sent it. */
  readonly query: string
  /** The balancer's id of the request; empty when it has none. */
  readonly logId: string
  /** What is known of the same request on nodes. */
  readonly seen: Seen[]
}

/** A line of a node, of HTTP.sys or of a trace that is about a request which failed at the balancer. */
export interface Seen {
  readonly node: string
  readonly where: Where
  /** `id`: by the balancer's id, for sure. */
  readonly by: 'id' | 'request' | 'http_error' | 'trace'
  readonly startMs: number
  readonly endMs: number
  /** As `200.0.64`, or HTTP.sys's reason. */
  readonly code: string
}

/** WinHTTP's codes; ASP.NET Core's module and pages write them as HRESULT. */
const byWindowsCode: Readonly<Record<number, How>> = {
  64: 'client_left',
  12002: 'timed_out',
  12007: 'unresolved',
  12029: 'refused',
  12030: 'died',
  12152: 'cut_off',
  12157: 'tls',
  12175: 'tls',
  12037: 'tls',
  12038: 'tls',
  12044: 'tls',
  12045: 'tls',
}

const hresultOfWindows = 0x80_07_00_00

/** Undefined: not a failure of the farm. `answered`: a node answered this status. */
export function howFailed(status: number, sub: number, windows: number, answered: boolean): How | undefined {
  // What an application answers 500 is its own affair; 500.30 to 500.39: it did not start in the worker.
  if (status === 500) return sub >= 30 && sub <= 39 ? 'answered' : undefined
  if (status < 502 || status > 504) return undefined
  if (status === 503 && sub >= 2 && sub <= 4) return 'queue_full'
  if (answered) return 'answered'
  if (status === 502 && sub === 4) return 'none_healthy'
  const code = windows >= hresultOfWindows ? windows - hresultOfWindows : windows
  return byWindowsCode[code] ?? (status === 502 && sub !== 5 ? 'other' : 'answered')
}
