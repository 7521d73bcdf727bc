import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { DnsSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import { type Attempt, farmProblem, rememberGood, type Source, type SourceOptions } from './node_source.ts'

/** All IPv4 and IPv6 addresses of a name; rejects when there is none. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** Resolves as the rest of the system does: with the hosts file and search domains. */
export const systemResolve: Resolve = async (name) => {
  const found = await lookup(name, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

/** A resolver without an answer for this long has failed, in milliseconds; a later answer is not used. */
const timeoutMs = 5000

const whyByCode: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'the name has no address',
  EAI_AGAIN: 'no name server answered',
}

/** Resolves a name now and at every refresh, until stopped. */
export function startDnsSource(source: DnsSource, resolve: Resolve, options: SourceOptions): Source {
  const { clock, farm, events } = options
  const { name, family, refreshMs, scheme, port } = source
  const remember = rememberGood(options.recall(`dns ${scheme} ${port} ${family} ${name}`), options)
  let stopped = false
  let cancel: Cancel | undefined
  const isStopped = () => stopped

  async function attempt(): Promise<Attempt> {
    try {
      return { candidates: candidatesOf(await inTime(resolve(name), clock), source) }
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      const why = `${JSON.stringify(name)} cannot be resolved: ${whyByCode[code] ?? message}`
      return { problem: farmProblem(farm, 'discover.dns', why) }
    }
  }

  async function refresh(): Promise<void> {
    const result = await attempt()
    if (isStopped()) return
    events.found(remember(result))
    if (isStopped()) return
    cancel = clock.after(refreshMs, () => void refresh())
  }

  void refresh()
  return {
    async stop() {
      stopped = true
      cancel?.()
    },
  }
}

/** Throws where none of the addresses is of the family. */
function candidatesOf(addresses: readonly string[], { family, scheme, port }: DnsSource): Candidate[] {
  // Made only where DNS is used: Node reads 2 MiB of the languages' data for it.
  const byNumber = new Intl.Collator('en', { numeric: true })
  const unique = [...new Set(addresses)].sort(byNumber.compare)
  const wanted = unique.filter((address) => family === 'both' || isIP(address) === family)
  if (wanted.length === 0)
    throw new Error(`it has no IPv${family} address, and discover.dns.family is ${family}`)
  return wanted.map((host) => ({ name: host, scheme, host, port }))
}

async function inTime(answer: Promise<readonly string[]>, clock: Clock): Promise<readonly string[]> {
  let cancel: Cancel | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs / 1000}s`)))
  })
  try {
    const addresses = await Promise.race([answer, tooLate])
    if (addresses.length === 0) throw new Error('the name has no address')
    return addresses
  } finally {
    cancel?.()
  }
}
