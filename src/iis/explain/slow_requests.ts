/** The requests of one log that took far longer than others of their address do. */
import { ownText } from '../logs/log_lines.ts'
import type { Where } from './failed_request.ts'

export interface SlowRequest {
  readonly where: Where
  readonly startMs: number
  readonly endMs: number
  readonly stem: string
  /** As `200.0.64`. */
  readonly code: string
}

/** A request waited when it took as long, in milliseconds, and as many times what is usual at its address. */
const least = { ms: 1000, times: 4 } as const
/** So many of an address tell what is usual there; before, what is usual at all. */
const fewest = 20
const most = { stems: 20_000, requests: 300_000 } as const

/** Counts by powers of two of milliseconds. */
type Times = Uint32Array

export function createSlowRequests() {
  const byStem = new Map<string, Times>()
  const all: Times = new Uint32Array(33)
  const slow: SlowRequest[] = []
  const usualOf = (stem: string): Times => {
    const times = byStem.get(stem)
    return times === undefined || (times[32] as number) < fewest ? all : times
  }
  return {
    /** Those that are slow by all that is known at the end too. */
    found: () =>
      slow.filter(({ stem, startMs, endMs }) => endMs - startMs >= least.times * medianMs(usualOf(stem))),
    /** Whether it took far too long; it is then kept. */
    take(stem: string, takenMs: number, keep: () => SlowRequest): boolean {
      let times = byStem.get(stem)
      if (times === undefined && byStem.size < most.stems)
        byStem.set(ownText(stem), (times = new Uint32Array(33)))
      const isSlow = takenMs >= least.ms && takenMs >= least.times * medianMs(usualOf(stem))
      add(all, takenMs)
      if (times !== undefined) add(times, takenMs)
      if (isSlow && slow.length < most.requests) slow.push(keep())
      return isSlow
    },
  }
}

function add(times: Times, takenMs: number): void {
  const bucket = 32 - Math.clz32(takenMs)
  times[bucket] = (times[bucket] as number) + 1
  times[32] = (times[32] as number) + 1
}

/** About: within a factor of two. */
function medianMs(times: Times): number {
  let below = 0
  for (let bucket = 0; bucket < 32; bucket++) {
    below += times[bucket] as number
    if (2 * below >= (times[32] as number)) return 0.75 * 2 ** bucket
  }
  return 0
}
