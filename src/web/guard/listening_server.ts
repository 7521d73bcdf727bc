/** Makes the server that connections come to, plain or TLS. */
import { createServer } from 'node:http'
import { createSecureServer as createHttp2Server } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isAdmitted } from './client_certificate.ts'
import { limitCrowd } from './connection_limits.ts'
import type { Listener, WebServer } from './either_http.ts'
import type { Protection, ProtectionSource } from './protection.ts'
import type { OnTurnedAway } from './refused_clients.ts'
import { http2Options, type Limits, serverOptions } from './standard_limits.ts'

type TlsProtection = NonNullable<Protection['tls']>

/** Answers what is not HTTP, or ends it. */
type Refuse = (error: NodeJS.ErrnoException, socket: Socket) => void

interface SocketOptions {
  readonly source: ProtectionSource
  readonly limits: Limits
  readonly onTurnedAway: OnTurnedAway
  readonly refuse: Refuse
}

export function createSocketServer(
  listener: Listener,
  options: SocketOptions,
): { readonly server: WebServer; readonly endConnections: () => void } {
  const { source, limits, onTurnedAway, refuse } = options
  const server = source.first.tls
    ? tlsServer(listener, source.first.tls, options)
    : createServer(serverOptions(limits), listener)
  server.setTimeout(limits.stalledMs)
  server.on('clientError', refuse)
  return { server, endConnections: limitCrowd(server, limits, onTurnedAway) }
}

function tlsServer(
  listener: Listener,
  first: TlsProtection,
  { source, limits, onTurnedAway }: SocketOptions,
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
  const renew = async () => {
    const { tls } = await source.current()
    // Whether TLS is spoken at all was settled at the start.
    if (tls !== undefined && tls !== present) {
      present = tls
      server.setSecureContext(tls.context)
      Object.assign(server, clientRules(tls))
    }
    return true
  }
  guard(server, 'connection', renew)
  guard(server, 'secureConnection', (socket) => {
    const isIn = isAdmitted(socket as TLSSocket, present)
    if (!isIn) onTurnedAway('certificate')
    return isIn
  })
  // Those that Node turns away by itself, in the middle of the handshake.
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, socket: TLSSocket) => {
    if (code === noCertificate || socket.authorizationError) onTurnedAway('certificate')
  })
  return server
}

const noCertificate = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'

/** A server reads these of itself at each handshake. */
const clientRules = ({ clientAuth }: TlsProtection) => ({
  requestCert: clientAuth !== 'NoClientCert',
  rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
})

/** Lets a server hear of a socket when it is let in; a promise holds it until then. */
function guard(
  server: WebServer,
  event: string,
  letsIn: (socket: Socket) => boolean | Promise<boolean>,
): void {
  const listeners = server.listeners(event) as ((this: WebServer, socket: Socket) => void)[]
  if (listeners.length === 0) throw new Error(`a TLS server of this Node does not listen to "${event}"`)
  const admit = (socket: Socket, isIn: boolean) => {
    if (!isIn) socket.destroy()
    if (!socket.destroyed) for (const listener of listeners) listener.call(server, socket)
  }
  server.removeAllListeners(event)
  server.on(event, (socket: Socket) => {
    const isIn = letsIn(socket)
    if (typeof isIn === 'boolean') return admit(socket, isIn)
    // A client may be gone before anybody else listens.
    socket.on('error', () => socket.destroy())
    void (async () => admit(socket, await isIn))()
  })
}
