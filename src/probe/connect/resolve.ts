import { lookup } from 'node:dns'
import { offLimits } from '../../addresses/off_limits.ts'
import { type Failure, failures, isFailure } from '../failure.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

/** Finds the addresses of a name, the preferred one first; rejects with an error that has a `code`. */
export type Resolve = (host: string) => Promise<readonly Address[]>

/** Chooses the one address to connect to; undefined when there is none. */
export type ChooseAddress = (addresses: readonly Address[], host: string) => Address | Failure | undefined

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

/** Lets `limit` lookups be under way at once; the others wait for their turn. */
export function limitResolve(resolve: Resolve, limit: number): Resolve {
  const waiting: (() => void)[] = []
  let underWay = 0
  return async (host) => {
    if (underWay >= limit) await new Promise<void>((turn) => waiting.push(turn))
    else underWay++
    try {
      return await resolve(host)
    } finally {
      // The place is passed on, or given back.
      const next = waiting.shift()
      if (next === undefined) underWay--
      else next()
    }
  }
}

/**
 * The one address of a name to connect to. A chosen address that is off limits is not passed over for the next one:
 * a prober has to know what it tests.
 */
export async function resolveOne(
  host: string,
  resolve: Resolve,
  choose: ChooseAddress,
): Promise<Address | Failure> {
  let addresses: readonly Address[]
  try {
    addresses = await resolve(host)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return failures.notResolved(host, code ?? message)
  }
  const chosen = choose(addresses, host)
  if (chosen === undefined) return failures.noAddress(host)
  if (isFailure(chosen)) return chosen
  const what = offLimits(chosen.address)
  return what === undefined ? chosen : failures.offLimits(host, chosen.address, what)
}
