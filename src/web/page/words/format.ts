/** Numbers and times as people read them. */

/** A duration at a glance: `12 ms`, `2.4 s`, `3 min 20 s`, `29 h`, `7 d`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${Math.max(0, ms).toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  return age(ms)
}

/** How long something lasts, in whole units, two at most: it changes once a second at most. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  if (seconds < 48 * 3600)
    return pair(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min')
  return pair(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h')
}

/** As `age`, in one unit: for columns. */
export const roughAge = (ms: number): string => age(ms).split(' ').slice(0, 2).join(' ')

/** The length of what is over: tenths of a second matter below ten. */
export const length = (ms: number): string => (ms < 10_000 ? duration(ms) : age(Math.round(ms / 1000) * 1000))

const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`

/** `1 recycle`, `3 recycles` */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`

/** `1 of 3 nodes`, `the only node` */
export const countOf = (part: number, whole: number, one: string): string =>
  whole === 1 && part === 1 ? `the only ${one}` : `${part} of ${count(whole, one)}`

/** A share as `0.4 %`. Some is never rounded to none, nor most to all. */
export function share(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %'
  const percent = (100 * part) / whole
  if (percent < 0.01) return '< 0.01 %'
  return `${percent < 99.95 || part === whole ? Number(percent.toPrecision(2)) : 99.9} %`
}

/** `1st`, `2nd`, `3rd`, `11th` */
export function ordinal(number: number): string {
  const ending = Math.floor((number % 100) / 10) === 1 ? undefined : ['th', 'st', 'nd', 'rd'][number % 10]
  return `${number}${ending ?? 'th'}`
}
