import { parseDurationMs } from '../../runtime/duration.ts'

/** Unix times from here on are milliseconds: in seconds it would be the year 5138. */
const firstMs = 1e11

/**
 * The moment, in wall milliseconds, that `since` means: a duration before `nowMs` (`15m`), a time in RFC 3339, or a
 * Unix time in seconds or milliseconds. Undefined when it is none of these.
 */
export function parseSince(text: string, nowMs: number): number | undefined {
  const agoMs = parseDurationMs(text)
  if (agoMs !== undefined) return nowMs - agoMs
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) < firstMs ? Number(text) * 1000 : Number(text)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : atMs
}
