import type { SecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import type { Endpoint } from '../model/receiver.ts'
import type { Clock } from '../runtime/clock.ts'
import { whyNoAnswer } from '../runtime/connection_error.ts'
import { formatDuration, secondMs } from '../runtime/duration.ts'
import { printable } from '../runtime/printable.ts'
import { namesOf, secureContext } from '../runtime/secure_context.ts'
import { concealing } from '../secrets/conceal.ts'

/** What came of a message. */
type Answer =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** One sentence without a full stop and without secrets. */
      readonly why: string
      /** The same message would be refused again. */
      readonly isFinal: boolean
      /** The receiver asks to wait so long. */
      readonly retryAfterMs: number
    }

/** Posts a JSON text. Rejects only when `signal` is aborted; whatever else happens is data. */
export type PostJson = (json: string, signal: AbortSignal) => Promise<Answer>

/** The longest that a message may take, from the connection to the end of the answer. */
const timeoutMs = 10 * secondMs

/** So much of an answer is read; what follows is not of interest. */
const mostBytes = 2048
/** So much of it is shown. */
const mostShown = 120

/** A receiver that asks for more patience than this does not get it. */
const longestWaitMs = 300 * secondMs

/**
 * Posts to one endpoint, each message over a connection of its own, so that none is lost on one that the other side has
 * closed. Redirects are not followed: they would carry incidents and credentials elsewhere.
 */
export function postingTo(endpoint: Endpoint, clock: Clock): PostJson {
  const url = new URL(endpoint.url)
  const path = `${url.pathname}${url.search}`
  const context = url.protocol === 'https:' ? secureContext(endpoint.tls) : undefined
  const conceal = concealing([...secretsIn(path), ...secretsOf(endpoint)])
  return async (json, signal) => {
    const deadline = new AbortController()
    const cancel = clock.after(timeoutMs, () => deadline.abort())
    const client = await connectionTo(url, endpoint, context)
    try {
      const { statusCode, headers, body } = await client.request({
        method: 'POST',
        path,
        headers: {
          'content-type': 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'farmprobe',
          ...Object.fromEntries(endpoint.headers),
          ...(endpoint.authorization !== undefined && { authorization: endpoint.authorization }),
        },
        body: json,
        signal: AbortSignal.any([deadline.signal, signal]),
      })
      // What is not read ends with an error when the connection is closed.
      body.on('error', () => undefined)
      if (statusCode >= 200 && statusCode < 300) return { ok: true }
      const said = conceal(printable(await beginningOf(body)).trim(), mostShown)
      return refusal(statusCode, headers['retry-after'], said)
    } catch (error) {
      signal.throwIfAborted()
      const why = deadline.signal.aborted
        ? `it did not answer within ${formatDuration(timeoutMs)}`
        : conceal(whyNoAnswer(error), 200)
      return { ok: false, why, isFinal: false, retryAfterMs: 0 }
    } finally {
      cancel()
      await client.destroy()
    }
  }
}

/** A path with its query, and the parts of it that are too long for words. */
const secretsIn = (path: string): string[] => [
  path,
  ...path.split(/[/?&=]/).filter(({ length }) => length >= 8),
]

/** Credentials, also as they are written: error pages like to repeat a request. */
const secretsOf = ({ authorization, headers }: Endpoint): string[] => [
  ...(authorization === undefined ? [] : [authorization, authorization.replace(/^\S+ /, '')]),
  ...headers.map(([, value]) => value),
]

async function connectionTo(url: URL, { tls }: Endpoint, context: SecureContext | undefined) {
  // undici takes a while to load, and many have no receivers.
  const { Client } = await import('undici')
  return new Client(url.origin, {
    pipelining: 0,
    allowH2: false,
    // The deadline is kept elsewhere: undici's own timer ticks twice a second.
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: timeoutMs,
    connect: {
      checkServerIdentity: namesOf(url.hostname.replace(/^\[|\]$/g, '')),
      ...(context && { secureContext: context, rejectUnauthorized: !tls.insecure }),
    },
  })
}

async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  let text = ''
  for await (const piece of body) {
    text += String(piece)
    if (text.length >= mostBytes) break
  }
  return text.slice(0, mostBytes)
}

/** Refusals that may pass: too slow, too early, too many. */
const passing = new Set([408, 425, 429])

function refusal(status: number, retryAfter: unknown, said: string): Answer {
  const isRedirect = status >= 300 && status < 400
  const words = isRedirect ? ': redirects are not followed' : said === '' ? '' : `: ${said}`
  const seconds = Number(retryAfter)
  return {
    ok: false,
    why: `it answered ${status}${words}`,
    isFinal: status < 500 && !passing.has(status),
    retryAfterMs: seconds > 0 ? Math.min(seconds * secondMs, longestWaitMs) : 0,
  }
}
