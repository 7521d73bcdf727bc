/** Which format a client prefers. */
import { parseAccept } from 'hono/utils/accept'

export type Format = 'text' | 'openmetrics' | 'protobuf'

export const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  protobuf: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
} as const

/**
 * The best format for an Accept header: the highest quality value among the formats we have, and of equals the first one
 * named. A header that accepts neither gets text: every tool reads it, and an error would help nobody. Protobuf is only
 * offered for native histograms.
 */
export function negotiate(accept = '', native = false): Format {
  for (const { type, params, q } of parseAccept(accept.toLowerCase())) {
    const format = native && isProtobuf(type, params) ? 'protobuf' : formatOf(type, params['version'])
    // The library takes a quality that is no number for 1.
    if (format !== undefined && q > 0 && !Number.isNaN(Number(params['q'] ?? q))) return format
  }
  return 'text'
}

const isProtobuf = (type: string, { proto, encoding }: Readonly<Record<string, string>>): boolean =>
  type === 'application/vnd.google.protobuf' &&
  proto === 'io.prometheus.client.metricfamily' &&
  encoding === 'delimited'

function formatOf(type: string, version: string | undefined): Format | undefined {
  if (type === 'application/openmetrics-text')
    return version === undefined || version === '1.0.0' ? 'openmetrics' : undefined
  if (type === 'text/plain') return version === undefined || version === '0.0.4' ? 'text' : undefined
  return type === 'text/*' || type === '*/*' ? 'text' : undefined
}
