import { lookup } from 'node:dns/promises'
import type { DnsSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import { type DiscoveryMemory, onlyNews, type Source, type SourceEvents } from './node_source.ts'

/** All IPv4 and IPv6 addresses of a name; rejects when there is none. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** As the rest of the system resolves: with the hosts file and search domains. */
export const systemResolve: Resolve = async (name) => {
  const found = await lookup(name, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

/** A resolver that says nothing for this long has failed, in milliseconds; its late answer is not used. */
const patienceMs = 5000

const byNumber = new Intl.Collator('en', { numeric: true })

const whyByCode: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'the name has no address',
  EAI_AGAIN: 'no name server answered',
}

/** Resolves a name now and at every refresh, until stopped. */
export function startDnsSource(
  farm: string,
  { name, refreshMs, scheme, port }: DnsSource,
  options: { readonly clock: Clock; readonly resolve: Resolve; readonly memory: DiscoveryMemory },
  events: SourceEvents,
): Source {
  const { clock, resolve, memory } = options
  const key = `dns ${scheme} ${port} ${name}`
  const report = onlyNews(events.problem, events.mended)
  let stopped = false
  let cancel: Cancel | undefined

  async function refresh(): Promise<void> {
    const answer = await inTime(resolve(name), clock).catch((error: NodeJS.ErrnoException) => error)
    if (stopped) return
    if (Array.isArray(answer)) memory.set(key, candidatesOf(answer, scheme, port))
    const kept = memory.get(key) ?? []
    if (answer instanceof Error) events.failed()
    report(answer instanceof Error ? failure(farm, name, answer, kept.length) : undefined)
    events.found(kept)
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

function candidatesOf(addresses: readonly string[], scheme: DnsSource['scheme'], port: number): Candidate[] {
  const unique = [...new Set(addresses)].sort(byNumber.compare)
  return unique.map((host) => ({ name: host, scheme, host, port }))
}

async function inTime(answer: Promise<readonly string[]>, clock: Clock): Promise<readonly string[]> {
  let cancel: Cancel | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(patienceMs, () => reject(new Error(`no answer within ${patienceMs / 1000}s`)))
  })
  try {
    const addresses = await Promise.race([answer, tooLate])
    if (addresses.length === 0) throw new Error('the name has no address')
    return addresses
  } finally {
    cancel?.()
  }
}

function failure(farm: string, name: string, error: NodeJS.ErrnoException, kept: number) {
  const why = whyByCode[error.code ?? ''] ?? error.message
  const consequence =
    kept === 0
      ? 'it gives no node'
      : `the last good answer (${kept} ${kept === 1 ? 'node' : 'nodes'}) is kept`
  const message = `${JSON.stringify(name)} cannot be resolved: ${why}; ${consequence}`
  return { file: `farm ${farm}`, line: 0, column: 0, path: 'discover.dns', message }
}
