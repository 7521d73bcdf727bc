import type { Phase } from '../model/outcome.ts'
import type { TlsFacts } from './metrics/tls_facts.ts'

/** What the metrics of one probe are made of. */
export interface ProbeResult {
  success: boolean
  durationMs: number
  timeoutMs: number
  /** The lookup of the target's name, once it is over. */
  lookup?: { readonly tookMs: number; readonly ip?: string }
  /** A request was about to be made. */
  requested: boolean
  phaseMs: Readonly<Partial<Record<Phase, number>>>
  /** 0 without an answer. */
  status: number
  /** Such as 1.1; 0 without an answer. */
  version: number
  /** -1 where the answer does not say; 0 without an answer. */
  contentLength: number
  /** Bytes, decoded. */
  bodyBytes: number
  redirects: number
  /** The last answer came over TLS. */
  ssl: boolean
  tls?: TlsFacts
  failedRegex: boolean
  /** Absent where the module has no rule on JSON. */
  failedJson?: boolean
  /** Unix time in seconds. */
  lastModified?: number
}

/** The result of a probe that has only begun. */
export const emptyResult = (timeoutMs: number): ProbeResult => ({
  success: false,
  durationMs: 0,
  timeoutMs,
  requested: false,
  phaseMs: {},
  status: 0,
  version: 0,
  contentLength: 0,
  bodyBytes: 0,
  redirects: 0,
  ssl: false,
  failedRegex: false,
})
