/** Makes the server that connections come to, plain or TLS. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isAdmitted } from './client_certificate.ts'
import { limitCrowd } from './crowd.ts'
import { type Limits, serverOptions } from './limits.ts'
import type { Protection, ProtectionSource } from './protection.ts'

type TlsProtection = NonNullable<Protection['tls']>

/** Answers what is not HTTP, or ends it. */
type Refuse = (error: NodeJS.ErrnoException, socket: Socket) => void

export function createSocketServer(
  listener: RequestListener,
  source: ProtectionSource,
  limits: Limits,
  refuse: Refuse,
): { readonly server: Server; readonly endConnections: () => void } {
  const server = source.first.tls
    ? tlsServer(listener, source, source.first.tls, limits)
    : createServer(serverOptions(limits), listener)
  server.setTimeout(limits.stalledMs)
  server.on('clientError', refuse)
  return { server, endConnections: limitCrowd(server, limits) }
}

function tlsServer(
  listener: RequestListener,
  source: ProtectionSource,
  first: TlsProtection,
  limits: Limits,
): Server {
  let present = first
  const server = createTlsServer(
    {
      ...serverOptions(limits),
      ...first.context,
      ...clientRules(first),
      handshakeTimeout: limits.handshakeMs,
    },
    listener,
  )
  const renew = async () => {
    const { tls } = await source.current()
    // Whether TLS is spoken at all was settled at the start.
    if (tls === undefined || tls === present) return
    present = tls
    server.setSecureContext(tls.context)
    Object.assign(server, clientRules(tls))
  }
  beforeHandshakes(server, renew)
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!isAdmitted(socket, present)) socket.destroy()
  })
  return server
}

/** A server reads these of itself at each handshake. */
const clientRules = ({ clientAuth }: TlsProtection) => ({
  requestCert: clientAuth !== 'NoClientCert',
  rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
})

/** Holds each new connection until `first` is done. */
function beforeHandshakes(server: Server, first: () => Promise<void>): void {
  const [handshake] = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  if (handshake === undefined) throw new Error('a TLS server of this Node does not listen to its connections')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    // A client may be gone before the handshake listens.
    socket.on('error', () => socket.destroy())
    void (async () => {
      await first()
      if (!socket.destroyed) handshake.call(server, socket)
    })()
  })
}
