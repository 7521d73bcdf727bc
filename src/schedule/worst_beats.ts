/** How late the worst beat was since any moment, in little memory: a beat that a later one outdid is forgotten. */

export interface WorstBeats {
  /** Takes in a beat; `totalMs` is all lateness there ever was, this beat's included. */
  add(lateMs: number, totalMs: number): void
  /** The worst since all lateness was `totalMs`, in milliseconds. */
  since(totalMs: number): number
}

interface Beat {
  readonly lateMs: number
  readonly totalMs: number
}

/** Beats that each are later than all after them are never many; this is for whoever thinks otherwise. */
const most = 1000

export function createWorstBeats(): WorstBeats {
  /** The oldest first, each later than all after it. */
  let beats: Beat[] = []
  return {
    add(lateMs, totalMs) {
      if (lateMs === 0) return
      while ((beats.at(-1)?.lateMs ?? Number.POSITIVE_INFINITY) <= lateMs) beats.pop()
      beats.push({ lateMs, totalMs })
      if (beats.length > most) beats = beats.slice(-most / 2)
    },
    since(totalMs) {
      const worst = beats.find((beat) => beat.totalMs > totalMs)
      // It may have begun before.
      return worst === undefined ? 0 : Math.min(worst.lateMs, worst.totalMs - totalMs)
    },
  }
}
