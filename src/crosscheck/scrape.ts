import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import { offLimits } from '../addresses/off_limits.ts'
import type { Crosscheck } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import { whyNoAnswer } from '../runtime/connection_error.ts'
import { formatDuration } from '../runtime/duration.ts'
import { namesOf } from '../runtime/secure_context.ts'

/** Where and how to ask, once and for all readings of one exporter. */
export interface Exporter {
  readonly host: string
  readonly port: number
  readonly settings: Crosscheck
  /** Undefined over plain HTTP. */
  readonly context: SecureContext | undefined
  readonly resolve?: Resolve
}

/** Finds all addresses of a name, the preferred one first. */
type Resolve = (
  name: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

const systemResolve: Resolve = (name, done) => lookup(name, { all: true, order: 'verbatim' }, done)

/** What an exporter answers, or why it does not, as one sentence without a full stop. */
export type Exposition = { readonly text: string } | { readonly why: string }

/** windows_exporter with all its collectors takes a fraction of this. */
const mostBytes = 8 * 2 ** 20

/**
 * Asks an exporter once, over a connection of its own. Redirects are not followed and no compression is offered, so that
 * neither another server nor a small answer can exceed the limits. Rejects only when `signal` is aborted; whatever else
 * happens is data.
 */
export async function scrape(exporter: Exporter, clock: Clock, signal: AbortSignal): Promise<Exposition> {
  const { timeoutMs } = exporter.settings
  const deadline = new AbortController()
  const cancel = clock.after(timeoutMs, () => deadline.abort())
  const client = await connectionTo(exporter)
  try {
    return await ask(client, exporter, AbortSignal.any([deadline.signal, signal]))
  } catch (error) {
    signal.throwIfAborted()
    if (deadline.signal.aborted) return { why: `it did not answer within ${formatDuration(timeoutMs)}` }
    return { why: whyNoAnswer(error) }
  } finally {
    cancel()
    await client.destroy()
  }
}

async function connectionTo({ host, port, settings, context, resolve }: Exporter): Promise<Dispatcher> {
  // undici takes a while to load, and most farms are not cross-checked.
  const { Client } = await import('undici')
  const origin = `${settings.scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  return new Client(origin, {
    pipelining: 0,
    allowH2: false,
    // The deadline is kept elsewhere: undici's own timer ticks twice a second.
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: settings.timeoutMs,
    connect: {
      lookup: guarded(resolve ?? systemResolve),
      autoSelectFamily: false,
      checkServerIdentity: namesOf(host),
      ...(context && { secureContext: context, rejectUnauthorized: !settings.tls.insecure }),
    },
  })
}

/** As for probes: the first address of a name is used, and one that is off limits is refused; see off_limits. */
const guarded =
  (resolve: Resolve): LookupFunction =>
  (name, _options, done) =>
    resolve(name, (error, [first]) => {
      const what = first && offLimits(first.address)
      if (error !== null) done(error, '', 0)
      else if (first === undefined) done(new Error('the name has no address'), '', 0)
      else if (what !== undefined) done(new Error(`its name leads to ${first.address}, ${what}`), '', 0)
      else done(null, first.address, first.family)
    })

async function ask(client: Dispatcher, { settings }: Exporter, signal: AbortSignal): Promise<Exposition> {
  const { authorization, path, timeoutMs } = settings
  const { statusCode, headers, body } = await client.request({
    method: 'GET',
    path,
    headers: {
      accept: 'text/plain;version=0.0.4',
      'accept-encoding': 'identity',
      'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
      ...(authorization !== undefined && { authorization }),
    },
    signal,
  })
  const why = refusal(statusCode, headers)
  if (why !== undefined) return { why }
  return readBody(body)
}

function refusal(status: number, headers: Dispatcher.ResponseData['headers']): string | undefined {
  if (status >= 300 && status < 400) return `it answered ${status}: redirects are not followed`
  if (status !== 200) return `it answered ${status}`
  const coding = headers['content-encoding']
  if (coding !== undefined && coding !== 'identity')
    return 'its answer is compressed, although no compression was offered'
  return undefined
}

async function readBody(body: AsyncIterable<Buffer>): Promise<Exposition> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > mostBytes) return { why: `its answer is longer than ${mostBytes / 2 ** 20} MiB` }
    pieces.push(piece)
  }
  return { text: Buffer.concat(pieces).toString('utf8') }
}
