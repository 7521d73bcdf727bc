/** How the starts of probes are spread over time, so that starting some does not spoil the timing of others. */
import { type Check, intervalMsOf } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'

/** Slots of up to this many targets start in one moment: about 5 ms of work for a prober, most of it after the answers. */
const together = 16
/** A slot of more targets is started in groups of this size. */
export const groupSize = 4
/** One probe in a millisecond keeps a thread about a third busy, so that no answer waits long to be read. */
const msPerProbe = 1
/** The starts of a slot take at most this share of its interval. */
const mostOfInterval = 0.25
const cronIntervalMs = 4000

/** Milliseconds between the groups of a slot with so many targets; 0 when all start at once. */
export function groupGapMs(targets: number, check: Check): number {
  if (targets <= together) return 0
  const intervalMs = intervalMsOf(check) ?? cronIntervalMs
  return groupSize * Math.min(msPerProbe, (mostOfInterval * intervalMs) / targets)
}

/** So many probes are started before the event loop gets a turn: about 1.5 ms of work. */
const perTurn = 16
/**
 * A turn that comes late, because the machine is starved, starts so many for each millisecond since the last one: a tenth of
 * the time is enough to start them. With no more than usual in each of few turns, slots would be missed for nothing.
 */
const perLateMs = 1.6
/** After so long a pause the loop has had its turn in any case. */
const pauseMs = 5

/**
 * Starts items without keeping the event loop from reading answers. A group of up to 16 is started in one turn; a
 * larger one is spread over turns, about a millisecond apart.
 */
export function createPacer<T>(clock: Clock, start: (item: T) => void): (group: readonly T[]) => void {
  const waiting: (readonly T[])[] = []
  /** How many may still be started in this turn. */
  let room = perTurn
  let idleSinceMs = 0
  let turnIsDue = false

  const drain = () => {
    while (waiting.length > 0 && room > 0) {
      const group = waiting.shift() ?? []
      const size = group.length <= perTurn ? group.length : Math.min(group.length, room)
      if (size < group.length) waiting.unshift(group.slice(size))
      room -= size
      for (let index = 0; index < size; index++) start(group[index] as T)
    }
    idleSinceMs = clock.monotonicMs()
    if (waiting.length === 0) return
    turnIsDue = true
    clock.after(0, () => {
      turnIsDue = false
      room = Math.max(perTurn, Math.floor((clock.monotonicMs() - idleSinceMs) * perLateMs))
      drain()
    })
  }
  return (group) => {
    waiting.push(group)
    if (turnIsDue) return
    if (clock.monotonicMs() - idleSinceMs > pauseMs) room = perTurn
    drain()
  }
}
