export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

const unitMs = { ms: 1, s: secondMs, m: minuteMs, h: hourMs, d: dayMs } as const

/** The milliseconds of a duration as people write it (`250ms`, `5s`, `1h30m`, `29h`, `7d`); undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  let totalMs = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    totalMs += Number(amount) * unitMs[unit as keyof typeof unitMs]
  return totalMs
}

/** A duration as a person reads it at a glance: `850ms`, `9.4s`, `2m 5s`, `29h`, `7d`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)}ms`
  if (ms < 59_950) return `${trimZero((ms / 1000).toFixed(1))}s`
  if (ms < 3_599_500) return twoUnits(Math.round(ms / 1000), 60, 'm', 's')
  if (ms < 48 * hourMs) return twoUnits(Math.round(ms / minuteMs), 60, 'h', 'm')
  return twoUnits(Math.round(ms / hourMs), 24, 'd', 'h')
}

/** A length in a sentence: `850 ms`, `3.2 s`, `41 s`, `6 min 12 s`, `1 h 7 min`, `29 h`, `3 d`. */
export function formatSpan(ms: number): string {
  if (ms < 999.5) return `${Math.max(1, Math.round(ms))} ms`
  if (ms < 9950) return `${trimZero((ms / 1000).toFixed(1))} s`
  if (ms < 59_500) return `${Math.round(ms / 1000)} s`
  if (ms < 3_599_500) return twoUnits(Math.round(ms / 1000), 60, ' min', ' s')
  if (ms < 48 * hourMs) return twoUnits(Math.round(ms / minuteMs), 60, ' h', ' min')
  return twoUnits(Math.round(ms / hourMs), 24, ' d', ' h')
}

function twoUnits(count: number, base: number, big: string, small: string): string {
  const rest = count % base
  return rest === 0 ? `${count / base}${big}` : `${Math.floor(count / base)}${big} ${rest}${small}`
}

const trimZero = (text: string) => text.replace(/\.0$/, '')
