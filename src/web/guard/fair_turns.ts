/** Lets requests begin in such an order that no client holds up another. */
import type { Clock } from '../../runtime/clock.ts'

/** Work waits at most this long for connections to be accepted. */
const mostPatienceMs = 50

export interface FairTurns {
  /** Resolves when the request may begin. */
  turn(client: string): Promise<void>
  /** To be called with each connection. */
  accepted(): void
}

/**
 * In each turn of the event loop one request of each client begins: however many one of them makes, a request of another
 * waits for one of it. What has arrived by then is known, and may have been refused, before any of it begins.
 *
 * libuv accepts one connection a turn. Where hundreds wait, each turn must be short, or the last one waits for hundreds of
 * answers; so nothing begins in a turn that accepted one.
 */
export function createFairTurns(clock: Clock): FairTurns {
  const waiting = new Map<string, (() => void)[]>()
  let hasAccepted = false
  let patientUntilMs = 0
  const begin = () => {
    if (!hasAccepted || clock.monotonicMs() >= patientUntilMs) {
      for (const [client, queue] of waiting) {
        queue.shift()?.()
        if (queue.length === 0) waiting.delete(client)
      }
      patientUntilMs = clock.monotonicMs() + mostPatienceMs
    }
    hasAccepted = false
    if (waiting.size > 0) setImmediate(begin)
  }
  return {
    turn: (client) =>
      new Promise((resolve) => {
        if (waiting.size === 0) {
          setImmediate(begin)
          patientUntilMs = clock.monotonicMs() + mostPatienceMs
        }
        const queue = waiting.get(client)
        if (queue === undefined) waiting.set(client, [resolve])
        else queue.push(resolve)
      }),
    accepted: () => void (hasAccepted = true),
  }
}
