import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import { offLimits } from '../../addresses/off_limits.ts'
import { type Failure, failures } from '../failure.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

/** Finds the addresses of a name, the preferred one first; rejects with an error that has a `code`. */
export type Resolve = (host: string) => Promise<readonly Address[]>

/**
 * Asks the system: `/etc/hosts`, search domains and all, as the balancer in front of the nodes would. Each lookup
 * occupies one thread of libuv's pool for as long as it takes, however soon its probe gives up; so probes that ask
 * for a name while it is being looked up share the answer, and a dead name costs one thread, not one a probe.
 */
export function createSystemResolve(): Resolve {
  const underWay = new Map<string, Promise<readonly Address[]>>()
  return (host) => {
    const shared = underWay.get(host)
    if (shared) return shared
    const started = new Promise<readonly Address[]>((resolve, reject) => {
      lookup(host, { all: true, order: 'verbatim' }, (error, addresses) => {
        underWay.delete(host)
        if (error) reject(error)
        else resolve(addresses)
      })
    })
    underWay.set(host, started)
    return started
  }
}

/**
 * The one address to try, the first given: a prober wants to know what it is testing. So one that is off limits is
 * not passed over for the next. The connection goes to the very address that was looked at, whatever the name
 * resolves to a moment later.
 */
export async function firstAddress(resolve: Resolve, host: string): Promise<Address | Failure> {
  try {
    const [first] = await resolve(host)
    const what = first && offLimits(first.address)
    if (first && what !== undefined) return failures.offLimits(host, first.address, what)
    return first ?? failures.noAddress(host)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return failures.notResolved(host, code ?? message)
  }
}

/** An IP literal needs no resolving. */
export const isAddress = (host: string): boolean => isIP(host) !== 0

/** `ip:port` as it is written, `[::1]:80` for IPv6. */
export const joinPort = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
