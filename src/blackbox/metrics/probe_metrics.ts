/** The metrics of one probe: names, types, labels and help as the exporter has them. */
import { ipBytes } from '../../addresses/ip_bytes.ts'
import type { Phase } from '../../model/outcome.ts'
import { printable } from '../../runtime/printable.ts'
import type { TlsFacts } from './tls_facts.ts'

/** What the metrics of one probe are made of; what is absent was not come to. */
export interface ProbeResult {
  readonly timeoutMs: number
  success: boolean
  durationMs: number
  phaseMs?: Readonly<Partial<Record<Phase, number>>>
  /** The lookup of the target's name, once it is over. */
  lookup?: { readonly tookMs: number; readonly ip?: string }
  requested?: boolean
  status: number
  /** Such as 1.1. */
  version: number
  /** -1 where the answer does not say. */
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

/** The result of a probe that came to nothing. */
export const nothingYet = {
  success: false,
  durationMs: 0,
  status: 0,
  version: 0,
  contentLength: 0,
  bodyBytes: 0,
  redirects: 0,
  ssl: false,
  failedRegex: false,
} as const

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface MetricRow {
  readonly name: string
  readonly help: string
  /** Of a metric without labels its value; there is none where it is undefined. */
  readonly show: (result: ProbeResult) => readonly Sample[] | number | boolean | undefined
  /** When it is there, for people. */
  readonly present: string
  readonly labels: readonly string[]
}

const row = (
  name: string,
  help: string,
  show: MetricRow['show'],
  present = 'always',
  labels: readonly string[] = [],
): MetricRow => ({ name, help, show, present, labels })

const info = (labels: Sample['labels'] | undefined): readonly Sample[] =>
  labels === undefined ? [] : [{ labels, value: 1 }]
/** To the nanosecond: beyond it there is only noise. */
const seconds = (ms: number) => Math.round(ms * 1e6) / 1e9

const resolved = 'once the target was looked up'
const overTls = 'after a TLS handshake, whether the certificate was accepted or not'
const certificate = ['fingerprint_sha256', 'issuer', 'serialnumber', 'subject', 'subjectalternative']

/** By name, which is how they are written. */
export const metricTable: readonly MetricRow[] = [
  row(
    'probe_dns_lookup_time_seconds',
    'Returns the time taken for probe dns lookup in seconds',
    ({ lookup }) => lookup && seconds(lookup.tookMs),
    resolved,
  ),
  row('probe_duration_seconds', 'Returns how long the probe took to complete in seconds', (result) =>
    seconds(result.durationMs),
  ),
  row(
    'probe_failed_due_to_cel',
    'Indicates if probe failed due to CEL expression not matching',
    (result) => result.failedJson,
    'where the module has a rule in CEL',
  ),
  row('probe_failed_due_to_regex', 'Indicates if probe failed due to regex', (result) => result.failedRegex),
  row('probe_http_content_length', 'Length of http content response', (result) => result.contentLength),
  row(
    'probe_http_duration_seconds',
    'Duration of http request by phase, summed over all redirects',
    phaseSamples,
    '`resolve` once the target was looked up, the others once a request is about to be made',
    ['phase'],
  ),
  row(
    'probe_http_last_modified_timestamp_seconds',
    'Returns the Last-Modified HTTP response header in unixtime',
    (result) => result.lastModified,
    'where the answer has the header',
  ),
  row('probe_http_redirects', 'The number of redirects', ({ redirects }) => redirects),
  row('probe_http_ssl', 'Indicates if SSL was used for the final redirect', (result) => result.ssl),
  row('probe_http_status_code', 'Response HTTP status code', (result) => result.status),
  row(
    'probe_http_uncompressed_body_length',
    'Length of uncompressed response body',
    (result) => result.bodyBytes,
  ),
  row('probe_http_version', 'Returns the version of HTTP of the probe response', (result) => result.version),
  row(
    'probe_ip_addr_hash',
    "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
    ({ lookup }) => lookup && addressHash(lookup.ip),
    resolved,
  ),
  row(
    'probe_ip_protocol',
    'Specifies whether probe ip protocol is IP4 or IP6',
    ({ lookup }) => lookup && familyOf(lookup.ip),
    resolved,
  ),
  row(
    'probe_ssl_earliest_cert_expiry',
    'Returns last SSL chain expiry in unixtime',
    ({ tls }) => tls && seconds(tls.earliestExpiryMs),
    overTls,
  ),
  row(
    'probe_ssl_last_chain_expiry_timestamp_seconds',
    'Returns last SSL chain expiry in timestamp',
    ({ tls }) => (tls?.chainExpiryMs === undefined ? undefined : seconds(tls.chainExpiryMs)),
    'where the certificate was verified',
  ),
  row(
    'probe_ssl_last_chain_info',
    'Contains SSL leaf certificate information',
    ({ tls }) => info(tls?.certificate),
    overTls,
    certificate,
  ),
  row('probe_success', 'Displays whether or not the probe was a success', (result) => result.success),
  row('probe_timeout_seconds', 'Returns the timeout of the probe in seconds', ({ timeoutMs }) =>
    seconds(timeoutMs),
  ),
  row(
    'probe_tls_cipher_info',
    'Returns the TLS cipher negotiated during handshake',
    ({ tls }) => info(tls && { cipher: tls.cipher }),
    overTls,
    ['cipher'],
  ),
  row(
    'probe_tls_version_info',
    'Returns the TLS version used or NaN when unknown',
    ({ tls }) => info(tls && { version: tls.version }),
    overTls,
    ['version'],
  ),
]

const phaseSample = (phase: string, ms: number): Sample => ({ labels: { phase }, value: seconds(ms) })

/** The exporter has fewer phases than we measure: `processing` is from the connection to the first byte. */
function phaseSamples({ lookup, requested = false, phaseMs = {} }: ProbeResult): Sample[] {
  const resolve = lookup === undefined ? [] : [phaseSample('resolve', phaseMs.resolve ?? 0)]
  if (!requested) return resolve
  const { connect = 0, tls = 0, request = 0, wait = 0, transfer = 0 } = phaseMs
  const processing = phaseSample('processing', request + wait)
  return [
    phaseSample('connect', connect),
    processing,
    ...resolve,
    phaseSample('tls', tls),
    phaseSample('transfer', transfer),
  ]
}

const familyOf = (ip: string | undefined) => (ip === undefined ? 0 : ip.includes(':') ? 6 : 4)

/** FNV-1a of 32 bits. */
function addressHash(ip: string | undefined): number {
  let hash = 0x811c9dc5
  if (ip === undefined) return 0
  for (const byte of ipBytes(ip) ?? []) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** The result of one probe in Prometheus's text format. */
export function exposition(result: ProbeResult): string {
  return metricTable
    .map(({ name, help, show }) => {
      const shown = show(result) ?? []
      const samples = typeof shown === 'object' ? shown : [{ labels: {}, value: Number(shown) }]
      const lines = samples.map((sample) => `${name}${labelText(sample)} ${sample.value}\n`)
      return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
    })
    .join('')
}

function labelText({ labels }: Sample): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (text: string) => printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
