/** Who a client is, and how much of a limited thing each may have at once. */
import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import { ipBytes } from '../../addresses/ip_bytes.ts'
import type { OnRejection } from './rejection.ts'

/**
 * The client behind an address: an IPv4 address in any spelling, or the /64 of an IPv6 address, because one host may
 * use all of it.
 */
export function clientOf(address: string | undefined): string {
  const bytes = ipBytes(address ?? '')
  if (bytes === undefined || bytes.length === 4) return address ?? ''
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return isMapped ? bytes.slice(12).join('.') : `${bytes.slice(0, 8).join('.')}/64`
}

/** Limits what is under way at once, in all and of each client. */
export interface ConcurrencyLimit {
  /** Returns how to end it; undefined when there is no room. */
  begin(client: string): (() => void) | undefined
}

/**
 * The share of one client shrinks as the limit fills: from `mostOfOne` while the others have nothing to so little that
 * some room is always left for another client.
 */
export function createConcurrencyLimit({
  most,
  mostOfOne,
}: {
  most: number
  mostOfOne: number
}): ConcurrencyLimit {
  const share = mostOfOne / (most - mostOfOne)
  const byClient = new Map<string, number>()
  let all = 0
  return {
    begin(client) {
      const own = byClient.get(client) ?? 0
      if (own >= share * (most - all)) return undefined
      all += 1
      byClient.set(client, own + 1)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        all -= 1
        const rest = (byClient.get(client) ?? 1) - 1
        if (rest === 0) byClient.delete(client)
        else byClient.set(client, rest)
      }
    },
  }
}

/** Limits requests under way: each counts until its answer has been taken or its client is gone. */
export function limitRequests(
  limit: ConcurrencyLimit,
  what: 'scrapes' | 'streams',
  onRejection: OnRejection = () => undefined,
): MiddlewareHandler {
  return async (c, next) => {
    const { incoming, outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    const end = limit.begin(clientOf(incoming?.socket.remoteAddress))
    if (end === undefined) {
      onRejection(what)
      return c.text(`Too many ${what} are under way; try again.\n`, 503, { 'Retry-After': '1' })
    }
    outgoing?.once('close', end)
    await next()
    if (outgoing === undefined) end()
  }
}
