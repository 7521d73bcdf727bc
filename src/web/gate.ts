import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'

/** Counts what is under way, all in all and of each client, so that no client takes everything. */
export interface Gate {
  /** How to leave again; undefined when there is no room. */
  enter(client: string): (() => void) | undefined
}

export function createGate({ most, mostOfOne }: { most: number; mostOfOne: number }): Gate {
  const byClient = new Map<string, number>()
  let all = 0
  return {
    enter(client) {
      const own = byClient.get(client) ?? 0
      if (all >= most || own >= mostOfOne) return undefined
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
export function gated(gate: Gate, what: string): MiddlewareHandler {
  return async (c, next) => {
    const { incoming, outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    const leave = gate.enter(incoming?.socket.remoteAddress ?? '')
    if (leave === undefined)
      return c.text(`Too many ${what} are under way; try again.\n`, 503, { 'Retry-After': '1' })
    outgoing?.once('close', leave)
    await next()
    if (outgoing === undefined) leave()
  }
}
