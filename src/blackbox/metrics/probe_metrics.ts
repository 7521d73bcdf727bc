/** The metrics of one probe: names, types, labels and help as the exporter has them. */
import { ipBytes } from '../../addresses/ip_bytes.ts'
import type { Phase } from '../../model/outcome.ts'
import { printable } from '../../runtime/printable.ts'
import type { TlsFacts } from './tls_facts.ts'

/** What the metrics of one probe are made of; what is absent was not come to. */
export interface ProbeResult {
  readonly timeoutMs: number
  success?: boolean
  durationMs?: number
  phaseMs?: Readonly<Partial<Record<Phase, number>>>
  /** The lookup of the target's name, once it is over. */
  lookup?: { readonly tookMs: number; readonly ip?: string }
  /** A request was about to be made. */
  requested?: boolean
  status?: number
  /** Such as 1.1. */
  version?: number
  /** -1 where the answer does not say. */
  contentLength?: number
  /** Bytes, decoded. */
  bodyBytes?: number
  redirects: number
  /** The last answer came over TLS. */
  ssl?: boolean
  tls?: TlsFacts
  failedRegex?: boolean
  /** Absent where the module has no rule on JSON. */
  failedJson?: boolean
  /** Unix time in seconds. */
  lastModified?: number
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface MetricRow {
  readonly name: string
  readonly help: string
  /** When it is there, for people. */
  readonly present: string
  readonly labels?: readonly string[]
  readonly samples: (result: ProbeResult) => readonly Sample[]
}

const one = (value: number | boolean | undefined): readonly Sample[] =>
  value === undefined ? [] : [{ labels: {}, value: Number(value) }]
const info = (labels: Sample['labels'] | undefined): readonly Sample[] =>
  labels === undefined ? [] : [{ labels, value: 1 }]
/** To the nanosecond: beyond it there is only noise. */
const seconds = (ms: number) => Math.round(ms * 1e6) / 1e9

const always = 'always'
const resolved = 'once the target was looked up'
const overTls = 'after a TLS handshake, whether the certificate was accepted or not'

/** By name, which is how they are written. */
export const metricTable: readonly MetricRow[] = [
  {
    name: 'probe_dns_lookup_time_seconds',
    help: 'Returns the time taken for probe dns lookup in seconds',
    present: resolved,
    samples: ({ lookup }) => one(lookup && seconds(lookup.tookMs)),
  },
  {
    name: 'probe_duration_seconds',
    help: 'Returns how long the probe took to complete in seconds',
    present: always,
    samples: ({ durationMs = 0 }) => one(seconds(durationMs)),
  },
  {
    name: 'probe_failed_due_to_cel',
    help: 'Indicates if probe failed due to CEL expression not matching',
    present: 'where the module has a rule in CEL',
    samples: ({ failedJson }) => one(failedJson),
  },
  {
    name: 'probe_failed_due_to_regex',
    help: 'Indicates if probe failed due to regex',
    present: always,
    samples: ({ failedRegex = false }) => one(failedRegex),
  },
  {
    name: 'probe_http_content_length',
    help: 'Length of http content response',
    present: always,
    samples: ({ contentLength = 0 }) => one(contentLength),
  },
  {
    name: 'probe_http_duration_seconds',
    help: 'Duration of http request by phase, summed over all redirects',
    present: '`resolve` once the target was looked up, the others once a request is about to be made',
    labels: ['phase'],
    samples: phaseSamples,
  },
  {
    name: 'probe_http_last_modified_timestamp_seconds',
    help: 'Returns the Last-Modified HTTP response header in unixtime',
    present: 'where the answer has the header',
    samples: ({ lastModified }) => one(lastModified),
  },
  {
    name: 'probe_http_redirects',
    help: 'The number of redirects',
    present: always,
    samples: ({ redirects }) => one(redirects),
  },
  {
    name: 'probe_http_ssl',
    help: 'Indicates if SSL was used for the final redirect',
    present: always,
    samples: ({ ssl = false }) => one(ssl),
  },
  {
    name: 'probe_http_status_code',
    help: 'Response HTTP status code',
    present: always,
    samples: ({ status = 0 }) => one(status),
  },
  {
    name: 'probe_http_uncompressed_body_length',
    help: 'Length of uncompressed response body',
    present: always,
    samples: ({ bodyBytes = 0 }) => one(bodyBytes),
  },
  {
    name: 'probe_http_version',
    help: 'Returns the version of HTTP of the probe response',
    present: always,
    samples: ({ version = 0 }) => one(version),
  },
  {
    name: 'probe_ip_addr_hash',
    help: "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
    present: resolved,
    samples: ({ lookup }) => one(lookup && addressHash(lookup.ip)),
  },
  {
    name: 'probe_ip_protocol',
    help: 'Specifies whether probe ip protocol is IP4 or IP6',
    present: resolved,
    samples: ({ lookup }) => one(lookup && familyOf(lookup.ip)),
  },
  {
    name: 'probe_ssl_earliest_cert_expiry',
    help: 'Returns last SSL chain expiry in unixtime',
    present: overTls,
    samples: ({ tls }) => one(tls && seconds(tls.earliestExpiryMs)),
  },
  {
    name: 'probe_ssl_last_chain_expiry_timestamp_seconds',
    help: 'Returns last SSL chain expiry in timestamp',
    present: 'where the certificate was verified',
    samples: ({ tls }) => one(tls?.chainExpiryMs === undefined ? undefined : seconds(tls.chainExpiryMs)),
  },
  {
    name: 'probe_ssl_last_chain_info',
    help: 'Contains SSL leaf certificate information',
    present: overTls,
    labels: ['fingerprint_sha256', 'issuer', 'serialnumber', 'subject', 'subjectalternative'],
    samples: ({ tls }) => info(tls?.certificate),
  },
  {
    name: 'probe_success',
    help: 'Displays whether or not the probe was a success',
    present: always,
    samples: ({ success = false }) => one(success),
  },
  {
    name: 'probe_timeout_seconds',
    help: 'Returns the timeout of the probe in seconds',
    present: always,
    samples: ({ timeoutMs }) => one(seconds(timeoutMs)),
  },
  {
    name: 'probe_tls_cipher_info',
    help: 'Returns the TLS cipher negotiated during handshake',
    present: overTls,
    labels: ['cipher'],
    samples: ({ tls }) => info(tls && { cipher: tls.cipher }),
  },
  {
    name: 'probe_tls_version_info',
    help: 'Returns the TLS version used or NaN when unknown',
    present: overTls,
    labels: ['version'],
    samples: ({ tls }) => info(tls && { version: tls.version }),
  },
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
    .map(({ name, help, samples }) => {
      const lines = samples(result).map((sample) => `${name}${labelText(sample)} ${sample.value}\n`)
      return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
    })
    .join('')
}

function labelText({ labels }: Sample): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (text: string) => printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
