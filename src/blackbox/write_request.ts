import { encodePath, type WrittenRequest } from '../probe/exchange/request.ts'
import { userAgent } from '../probe/exchange/user_agent.ts'
import type { HttpModule } from './module/module.ts'
import type { Material } from './module/module_files.ts'
import type { Visit } from './visit.ts'

/** Not ours to send twice, or to send at all: the message is framed without them. */
const framing = new Set(['host', 'content-length', 'transfer-encoding', 'trailer', 'connection'])

/** Of no concern to any but the target. */
const confidential = new Set([
  'authorization',
  'cookie',
  'cookie2',
  'www-authenticate',
  'proxy-authorization',
])

export interface Wanted {
  readonly module: HttpModule
  readonly material: Material
  readonly visit: Visit
  /** The Host to send. */
  readonly host: string
  /** The pairs of the cookie jar; empty for none. */
  readonly cookies: string
}

/** The request of a visit; whoever is not the target is not told its secrets. */
export function writeRequest({ module, material, visit, host, cookies }: Wanted): WrittenRequest {
  const { url, method, trusted, referer } = visit
  const own = [...module.headers, ...material.headers].filter(
    ([name]) => !framing.has(name.toLowerCase()) && (trusted || !confidential.has(name.toLowerCase())),
  )
  const has = (wanted: string) => own.some(([name]) => name.toLowerCase() === wanted)
  const authorization = trusted ? (material.authorization ?? credentialsIn(url)) : credentialsIn(url)
  const cookie = [
    ...own.filter(([name]) => name.toLowerCase() === 'cookie').map(([, value]) => value),
    cookies,
  ]
  const all: (readonly [string, string])[] = [
    ['Host', host],
    ...(has('user-agent') ? [] : [['User-Agent', userAgent] as const]),
    ...(authorization === undefined || has('authorization')
      ? []
      : [['Authorization', authorization] as const]),
    ...own.filter(([name]) => name.toLowerCase() !== 'cookie'),
    ...(cookie.some(Boolean) ? [['Cookie', cookie.filter(Boolean).join('; ')] as const] : []),
    ...(referer === '' || has('referer') ? [] : [['Referer', referer] as const]),
  ]
  return {
    method,
    path: encodePath(url.pathname + url.search),
    headers: all.flatMap(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]),
    body: visit.withBody ? (material.body ?? null) : null,
    reset: true,
  }
}

/** A user name and a password in the URL itself are sent as browsers and Go do. */
function credentialsIn({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decoded(username)}:${decoded(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
