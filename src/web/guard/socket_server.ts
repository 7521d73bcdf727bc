/** The server that accepts connections, plain or over TLS. */
import { createServer } from 'node:http'
import { createSecureServer as createHttp2Server, type Http2Session } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../runtime/clock.ts'
import { isAdmitted } from './client_certificate.ts'
import { limitConnections } from './connection_limits.ts'
import type { Listener, WebServer } from './either_http.ts'
import { limitHandshakes } from './handshake_limit.ts'
import type { Protection, ProtectionSource } from './protection.ts'
import type { OnRejection } from './rejection.ts'
import { http2Options, type Limits, serverOptions } from './standard_limits.ts'

type TlsProtection = NonNullable<Protection['tls']>

interface SocketOptions {
  readonly source: ProtectionSource
  readonly limits: Limits
  readonly clock: Clock
  readonly onRejection: OnRejection
  /** Answers what is not HTTP, or ends it. */
  readonly onClientError: (error: NodeJS.ErrnoException, socket: Socket) => void
}

export function createSocketServer(
  listener: Listener,
  options: SocketOptions,
): { readonly server: WebServer; readonly closeConnections: () => void } {
  const { source, limits, onClientError } = options
  const server = source.first.tls
    ? tlsServer(listener, source.first.tls, options)
    : createServer(serverOptions(limits), listener)
  server.setTimeout(limits.stalledMs)
  server.on('clientError', onClientError)
  // Without it Node answers an unknown expectation itself, past all limits.
  server.on('checkExpectation', listener)
  return { server, closeConnections: limitConnections(server, limits, options) }
}

function tlsServer(
  listener: Listener,
  first: TlsProtection,
  { source, limits, onRejection }: SocketOptions,
): WebServer {
  let present = first
  const options = {
    ...serverOptions(limits),
    ...first.context,
    ...clientRules(first),
    handshakeTimeout: limits.handshakeMs,
  }
  const server = first.http2
    ? createHttp2Server({ ...options, ...http2Options(limits), allowHTTP1: true }, listener)
    : createTlsServer(options, listener)
  server.on('session', forgetAtEnd)
  const mayBegin = limitHandshakes(server)
  const renew = async (socket: Socket) => {
    await mayBegin(socket)
    const { tls } = await source.current()
    // Whether TLS is spoken at all was decided at the start.
    if (tls !== undefined && tls !== present) {
      present = tls
      server.setSecureContext(tls.context)
      Object.assign(server, clientRules(tls))
    }
    return true
  }
  checkFirst(server, 'connection', renew)
  checkFirst(server, 'secureConnection', (socket) => {
    const isAllowed = isAdmitted(socket as TLSSocket, present)
    if (!isAllowed) onRejection('certificate')
    return isAllowed
  })
  // Node rejects these itself, during the handshake.
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, socket: TLSSocket) => {
    if (code === noCertificate || socket.authorizationError) onRejection('certificate')
  })
  return server
}

/**
 * Node 24 marks a session as destroyed before it takes back its time limit, which has then no effect: 2 kB of each session
 * would stay in memory until the limit has passed.
 */
function forgetAtEnd(session: Http2Session): void {
  const destroy = session.destroy.bind(session)
  session.destroy = (...why) => {
    session.setTimeout(0)
    destroy(...why)
  }
  session.socket.prependOnceListener('close', () => session.setTimeout(0))
}

const noCertificate = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'

/** A server reads these of itself at each handshake. */
const clientRules = ({ clientAuth }: TlsProtection) => ({
  requestCert: clientAuth !== 'NoClientCert',
  rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
})

/** Puts a check before a server's own listeners: they get a socket once it is allowed. */
function checkFirst(
  server: WebServer,
  event: 'connection' | 'secureConnection',
  isAllowed: (socket: Socket) => boolean | Promise<boolean>,
): void {
  const listeners = server.listeners(event) as ((this: WebServer, socket: Socket) => void)[]
  if (listeners.length === 0) throw new Error(`a TLS server of this Node does not listen to "${event}"`)
  const pass = (socket: Socket, allowed: boolean) => {
    if (!allowed) socket.destroy()
    if (!socket.destroyed) for (const listener of listeners) listener.call(server, socket)
  }
  server.removeAllListeners(event)
  server.on(event, (socket: Socket) => {
    const allowed = isAllowed(socket)
    if (typeof allowed === 'boolean') return pass(socket, allowed)
    // A client may be gone before the server's own listeners are there.
    socket.on('error', () => socket.destroy())
    void allowed.then((later) => pass(socket, later))
  })
}
