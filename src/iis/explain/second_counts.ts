/** How many in each second: of a fortnight some megabytes, however many there are. */

const hourSeconds = 3600

export interface SecondCounts {
  add(atMs: number): void
  /** How many in the seconds from that of `fromMs` to that of `toMs`, both included. */
  between(fromMs: number, toMs: number): number
  /** Of so many seconds, from one on. */
  from(second: number, seconds: number): Uint32Array
  /** The nearest second with any, not after `atMs` or not before it, within a day; wall milliseconds. */
  near(atMs: number, step: -1 | 1): number | undefined
}

export function createSecondCounts(): SecondCounts {
  const hours = new Map<number, Uint32Array>()
  const [daySeconds, second] = [24 * hourSeconds, (ms: number) => Math.floor(ms / 1000)]
  const of = (at: number) => hours.get(Math.floor(at / hourSeconds))?.[at % hourSeconds] ?? 0
  return {
    add(atMs) {
      const at = second(atMs)
      const hour = Math.floor(at / hourSeconds)
      let counts = hours.get(hour)
      if (counts === undefined) hours.set(hour, (counts = new Uint32Array(hourSeconds)))
      counts[at % hourSeconds] = (counts[at % hourSeconds] as number) + 1
    },
    between(fromMs, toMs) {
      let count = 0
      for (let at = second(fromMs); at <= second(toMs); at++) {
        if (!hours.has(Math.floor(at / hourSeconds))) at += hourSeconds - 1 - (at % hourSeconds)
        else count += of(at)
      }
      return count
    },
    from: (first, seconds) => Uint32Array.from({ length: seconds }, (_, after) => of(first + after)),
    near(atMs, step) {
      const from = second(atMs)
      for (let at = from; Math.abs(at - from) <= daySeconds; at += step) if (of(at) > 0) return at * 1000
      return undefined
    },
  }
}
