/** What is going to happen in a simulated farm, in order of time. */
export interface Agenda {
  /**
   * When the next thing is due, wall milliseconds; Infinity when nothing is. Until then `advance` has nothing
   * to do.
   */
  nextMs: number
  /**
   * Runs `run` once, when time reaches `atMs`. What is due at the same millisecond runs in the order it was
   * asked for.
   */
  at(atMs: number, run: (nowMs: number) => void): void
  /** Runs everything due up to `nowMs`, including what that brings about. */
  advance(nowMs: number): void
}

interface Entry {
  readonly atMs: number
  readonly run: (nowMs: number) => void
}

/** An empty agenda. A farm has some dozens of things ahead, so a sorted list beats a heap. */
export function createAgenda(): Agenda {
  const entries: Entry[] = []
  const agenda: Agenda = {
    nextMs: Number.POSITIVE_INFINITY,
    at(atMs, run) {
      if (!Number.isFinite(atMs)) return
      entries.splice(positionAfter(entries, atMs), 0, { atMs, run })
      agenda.nextMs = entries[0]?.atMs ?? Number.POSITIVE_INFINITY
    },
    advance(nowMs) {
      while (agenda.nextMs <= nowMs) {
        const due = entries.shift()
        agenda.nextMs = entries[0]?.atMs ?? Number.POSITIVE_INFINITY
        due?.run(due.atMs)
      }
    },
  }
  return agenda
}

/** The index of the first entry later than `atMs`. */
function positionAfter(entries: readonly Entry[], atMs: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.atMs ?? 0) <= atMs) low = middle + 1
    else high = middle
  }
  return low
}
