/** Which format a client prefers. */

export type Format = 'text' | 'openmetrics'

export const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const

interface Preference {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

/**
 * The best format for an Accept header: the highest quality value among the formats we have, and of equals the first one named.
 * A header that accepts neither gets text: every tool reads it, and an error would help nobody.
 */
export function negotiate(accept: string | undefined): Format {
  let best: { format: Format; quality: number } = { format: 'text', quality: 0 }
  for (const preference of (accept ?? '').split(',').map(parsePreference)) {
    const format = formatOf(preference)
    if (format !== undefined && preference.quality > best.quality)
      best = { format, quality: preference.quality }
  }
  return best.format
}

function formatOf({ type, version }: Preference): Format | undefined {
  if (type === 'application/openmetrics-text')
    return version === undefined || version === '1.0.0' ? 'openmetrics' : undefined
  if (type === 'text/plain') return version === undefined || version === '0.0.4' ? 'text' : undefined
  return type === 'text/*' || type === '*/*' ? 'text' : undefined
}

function parsePreference(part: string): Preference {
  const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
  const of = new Map(parameters.map((text) => pair(text)))
  return { type, version: of.get('version'), quality: parseQuality(of.get('q')) }
}

function pair(text: string): [name: string, value: string] {
  const [name = '', value = ''] = text.split('=').map((each) => each.trim())
  return [name, value.replace(/^"(.*)"$/, '$1')]
}

/** 1 when absent, as HTTP says; nothing is accepted for a quality that is none. */
function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0
}
