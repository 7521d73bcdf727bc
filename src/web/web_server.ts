/** The web interface on a socket. */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { hostPort } from '../addresses/host_port.ts'
import { mostBytesAt } from './body_limits.ts'
import { createAccessControl } from './guard/access_control.ts'
import { clientOf } from './guard/client_limits.ts'
import type { Listener, Request, Response, WebServer } from './guard/either_http.ts'
import { createFairTurns, type FairTurns } from './guard/fair_turns.ts'
import { hostRejection } from './guard/own_hosts.ts'
import { createPasswords, type Passwords } from './guard/passwords.ts'
import { type ProtectionSource, unprotected } from './guard/protection.ts'
import { createResetLimit, refuse } from './guard/refuse.ts'
import type { OnRejection, Rejection } from './guard/rejection.ts'
import { createRequestLimits } from './guard/request_limits.ts'
import { securityHeaders } from './guard/security_headers.ts'
import { createSocketServer } from './guard/socket_server.ts'
import { type Limits, standardLimits } from './guard/standard_limits.ts'
import type { AppOptions } from './routes.ts'

export interface WebOptions extends AppOptions {
  /** The address to listen on, such as `0.0.0.0` or `::1`. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The key of the configuration that gives the address, for messages; `web.listen` by default. */
  readonly setting?: string
  /** Names of ours, with `*` for any characters, beside those that need not be listed. */
  readonly hosts?: readonly string[]
  /** Absent: no access control. */
  readonly protection?: ProtectionSource
  readonly limits?: Partial<Limits>
  readonly onRejection?: OnRejection
}

/** The address cannot be used; the message says why and what to do. */
export class CannotListen extends Error {}

export type Web = Awaited<ReturnType<typeof startWeb>>

/**
 * Listens, and answers from the ports.
 * @throws CannotListen
 */
export async function startWeb(options: WebOptions) {
  const { setting = 'web.listen', protection: source = unprotected } = options
  const limits = { ...standardLimits, ...options.limits }
  const { onRejection = () => undefined } = options
  const passwords = createPasswords()
  const turns = createFairTurns(options.clock)
  const { listener, load } = createListener({ ...options, ...turns, onRejection, limits }, source, passwords)
  const { server, closeConnections } = createSocketServer(listener, {
    source,
    limits,
    clock: options.clock,
    onRejection,
    onClientError,
  })
  server.on('connection', turns.accepted)
  await listen(server, options, setting)
  const { port } = server.address() as AddressInfo
  const scheme = source.first.tls === undefined ? 'http' : 'https'
  return {
    /** Where it can be reached from this machine, such as `http://127.0.0.1:9502`. */
    url: `${scheme}://${hostPort({ host: reachable(options.host), port })}`,
    port,
    /** Loads what answers requests, so that the first one need not wait for it. */
    load,
    /** Stops listening and ends every connection at once, busy ones too. */
    async close(): Promise<void> {
      options.ports.live.broadcast.close()
      await Promise.all([close(server, closeConnections), passwords.close()])
    },
  }
}

interface ListenerOptions extends WebOptions, FairTurns {
  readonly limits: Limits
  readonly onRejection: OnRejection
}

/** What happens to a request before the app sees it. */
function createListener(options: ListenerOptions, source: ProtectionSource, passwords: Passwords) {
  let { headers } = source.first
  let loaded: Promise<Answer> | undefined
  const load = () => (loaded ??= loadAnswer({ ...options, headers: () => headers }))
  const accessControl = createAccessControl(passwords, options.clock)
  const begin = createRequestLimits()
  const limitResets = createResetLimit(options)

  const reject = (request: Request, response: Response, rejection: Rejection) => {
    options.onRejection(rejection.why)
    refuse(request, response, rejection, { ...securityHeaders, ...headers })
  }
  async function respond(request: Request, response: Response, closed: AbortSignal): Promise<void> {
    await options.turn(clientOf(request.socket.remoteAddress))
    const protection = await source.current()
    headers = protection.headers
    if (closed.aborted) return
    const rejection =
      hostRejection(request, protection, options.hosts ?? []) ??
      (await accessControl.check(request.headers.authorization, protection)) ??
      bodyRejection(request, response)
    if (closed.aborted) return
    if (rejection !== undefined) return reject(request, response, rejection)
    // Here as well as in the app, for what never reaches the app.
    for (const [name, value] of Object.entries({ ...securityHeaders, ...headers }))
      response.setHeader(name, value)
    const answer = await load()
    await answer(request, response)
  }

  const listener: Listener = (request, response) => {
    const end = begin(request)
    if (typeof end !== 'function') return reject(request, response, end)
    limitResets(request, response)
    const closing = new AbortController()
    const closed = once(response, 'close').finally(() => closing.abort())
    void respond(request, response, closing.signal)
      .catch((error: Error) => {
        const path = request.url?.replace(/\?.*$/s, '')
        options.log.error({ path, error: error.stack }, 'a request failed because of a defect')
        response.destroy()
      })
      // Its client may be gone long before the work for it is done.
      .then(() => closed)
      .finally(end)
  }
  return { listener, load }
}

type Answer = (request: Request, response: Response) => unknown

/** Loaded apart: it takes a quarter of the time to start, and probing can begin before it. */
async function loadAnswer(options: AppOptions): Promise<Answer> {
  const [{ getRequestListener }, { createApp }] = await Promise.all([
    import('@hono/node-server'),
    import('./routes.ts'),
  ])
  // A request of HTTP/1.0 may have no Host.
  return getRequestListener(createApp(options).fetch, { overrideGlobalObjects: false, hostname: 'localhost' })
}

/** Node reads and drops a body that the app does not read; without this it would read an endless one without end. */
function bodyRejection({ method, headers, url }: Request, response: Response): Rejection | undefined {
  const mostBytes = mostBytesAt(url)
  const length = Number(headers['content-length'] ?? 0)
  const isChunked = headers['transfer-encoding'] !== undefined
  const isExpected = (method === 'POST' || method === 'PUT') && length <= mostBytes
  if (!isChunked && (isExpected || length === 0)) return undefined
  // Over HTTP/2 a body costs its own stream only.
  if ('shouldKeepAlive' in response) response.shouldKeepAlive = false
  if (length <= mostBytes) return undefined
  return { why: 'body', status: 413, headers: {}, text: `The body exceeds ${mostBytes} bytes.\n` }
}

async function listen(server: WebServer, { host, port }: Pick<WebOptions, 'host' | 'port'>, setting: string) {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = (code !== undefined && refusals[code]) || String(error)
    throw new CannotListen(`cannot listen on ${hostPort({ host, port })} (${setting}): ${why}`, {
      cause: error,
    })
  }
}

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address; 0.0.0.0 stands for all it has',
  EACCES: 'ports below 1024 need a privilege; choose a higher one, such as 9502',
  ENOTFOUND: 'the name does not resolve; give an address, such as 0.0.0.0',
}

/** An address that stands for all of them is reached by the loopback one. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

async function close(server: WebServer, closeConnections: () => void): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  closeConnections()
  await closed
}

/** Answers what is not HTTP, which never reaches the app. */
function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // During a handshake nothing can be answered.
  const isSilent = !socket.writable || error.code === 'ECONNRESET' || isOfHandshake(error)
  if (isSilent) return void socket.destroy()
  const status = refusedStatus(error.code)
  const headers = Object.entries({ ...securityHeaders, Connection: 'close', 'Content-Length': '0' })
  socket.end(`HTTP/1.1 ${status}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
}

const isOfHandshake = ({ code = '' }: NodeJS.ErrnoException) =>
  code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')

function refusedStatus(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
}
