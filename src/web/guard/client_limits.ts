/** Who a client is, and how much of a limited thing each may have at once. */
import { ipBytes } from '../../addresses/ip_bytes.ts'
import type { Clock } from '../../runtime/clock.ts'
import { fullBucket, type Rate, type TokenBucket, takeTokens } from '../../runtime/token_bucket.ts'

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

/** Clients of which it is remembered what they took; of others all is there to be taken. */
const mostRemembered = 10_000

/** Limits how often each client may do something. */
export function createClientRates(rate: Rate, clock: Clock): (client: string) => boolean {
  const buckets = new Map<string, TokenBucket>()
  return (client) => {
    const { taken, bucket } = takeTokens(
      buckets.get(client) ?? fullBucket(rate),
      1,
      rate,
      clock.monotonicMs(),
    )
    // To the end of the order: the client that took something longest ago is forgotten first.
    buckets.delete(client)
    buckets.set(client, bucket)
    if (buckets.size > mostRemembered) buckets.delete(buckets.keys().next().value ?? '')
    return taken === 1
  }
}
