import type { Clock } from '../runtime/clock.ts'

/** So many probes are started before the event loop gets a turn: about 1.5 ms of work. */
const perTurn = 16
/** After so long a pause the loop has had its turn in any case. */
const restMs = 5

/**
 * Starts things without keeping the event loop from reading the answers of those that are on their way. A group of up
 * to 16 is started in one turn; a larger one is spread over turns, about a millisecond apart.
 */
export function createPacer<T>(clock: Clock, start: (item: T) => void): (group: readonly T[]) => void {
  const waiting: (readonly T[])[] = []
  let started = 0
  let restingSinceMs = 0
  let paused = false

  const drain = () => {
    while (waiting.length > 0 && started < perTurn) {
      const group = waiting.shift() ?? []
      const room = group.length <= perTurn ? group.length : perTurn - started
      if (room < group.length) waiting.unshift(group.slice(room))
      started += room
      for (let index = 0; index < room; index++) start(group[index] as T)
    }
    restingSinceMs = clock.monotonicMs()
    if (waiting.length === 0) return
    paused = true
    clock.after(0, () => {
      paused = false
      started = 0
      drain()
    })
  }
  return (group) => {
    waiting.push(group)
    if (paused) return
    if (clock.monotonicMs() - restingSinceMs > restMs) started = 0
    drain()
  }
}
