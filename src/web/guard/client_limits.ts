import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import { clientOf } from './client_of.ts'
import type { OnTurnedAway } from './refused_clients.ts'

/** Counts what is under way, all in all and of each client, so that no client takes everything. */
export interface Gate {
  /** How to leave again; undefined when there is no room. */
  enter(client: string): (() => void) | undefined
}

/**
 * The fuller it is, the less of it may be one client's: `mostOfOne` while the others have nothing, and so
 * little in the end that some room is left for whoever comes next.
 */
export function createGate({ most, mostOfOne }: { most: number; mostOfOne: number }): Gate {
  const share = mostOfOne / (most - mostOfOne)
  const byClient = new Map<string, number>()
  let all = 0
  return {
    enter(client) {
      const own = byClient.get(client) ?? 0
      if (own >= share * (most - all)) return undefined
      all += 1
      byClient.set(client, own + 1)
      let isIn = true
      return () => {
        if (!isIn) return
        isIn = false
        all -= 1
        const rest = (byClient.get(client) ?? 1) - 1
        if (rest === 0) byClient.delete(client)
        else byClient.set(client, rest)
      }
    },
  }
}

/** Lets requests pass while there is room; each takes its room until its answer has been taken or its client is gone. */
export function gated(
  gate: Gate,
  what: 'scrapes' | 'streams',
  onTurnedAway: OnTurnedAway = () => undefined,
): MiddlewareHandler {
  return async (c, next) => {
    const { incoming, outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    const leave = gate.enter(clientOf(incoming?.socket.remoteAddress))
    if (leave === undefined) {
      onTurnedAway(what)
      return c.text(`Too many ${what} are under way; try again.\n`, 503, { 'Retry-After': '1' })
    }
    outgoing?.once('close', leave)
    await next()
    if (outgoing === undefined) leave()
  }
}
