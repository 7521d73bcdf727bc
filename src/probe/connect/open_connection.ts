import type { X509Certificate } from 'node:crypto'
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { Clock } from '../../runtime/clock.ts'
import { namesOf } from '../../runtime/secure_context.ts'
import { type Failure, failures, isFailure, socketFailure } from '../failure.ts'
import { certificateProblem } from './certificate.ts'
import { type Connection, createConnection, type Opening, type TlsDial } from './connection.ts'

/**
 * Opens one connection to one address (`address` is `ip:port`): one attempt, no race between addresses. `done` is
 * called with the connection once it can carry a request, or with the failure; the socket is destroyed then.
 */
export function openConnection(
  ip: string,
  port: number,
  address: string,
  clock: Clock,
  opening: Opening,
): Connection {
  const { tls } = opening
  const connection = createConnection(address, clock, (onread) => connectSocket(ip, port, tls, onread))
  connection.opening = opening
  listen(connection, tls !== undefined)
  return connection
}

function connectSocket(ip: string, port: number, tls: TlsDial | undefined, onread: OnReadOpts): Socket {
  const target = { host: ip, port, onread, autoSelectFamily: false }
  return tls ? readingLittle(connectTls({ ...target, ...tlsOptions(tls) })) : connectTcp(target)
}

/**
 * For the check of names Node converts the whole chain, which takes a tenth of a handshake's time; the names are enough. The
 * leaf is taken once and no more: on a client that takes it out of the chain that the next call would see.
 */
function readingLittle(socket: TLSSocket): TLSSocket {
  const takeLeaf = socket.getPeerX509Certificate
  let leaf: X509Certificate | undefined
  const leafOnce = () => (leaf ??= takeLeaf.call(socket))
  socket.getPeerX509Certificate = leafOnce
  const names = () => ({ subjectaltname: leafOnce()?.subjectAltName }) as PeerCertificate
  socket.getPeerCertificate = names as TLSSocket['getPeerCertificate']
  return socket
}

/** These listeners live as long as the socket, so all they may hold is the connection. */
function listen(connection: Connection, secure: boolean): void {
  const { socket } = connection
  socket.on('error', (error) => onError(connection, error))
  socket.on('end', () => onEnd(connection))
  socket.on('close', () => connection.tap?.fail(connection.error))
  if (!secure) {
    socket.on('connect', () => settle(connection, connection))
    return
  }
  socket.on('connect', () => connection.opening?.watch.enter('tls'))
  socket.on('secureConnect', () => onSecured(connection))
}

function settle(connection: Connection, result: Connection | Failure): void {
  const { opening } = connection
  connection.opening = undefined
  if (isFailure(result)) connection.socket.destroy()
  opening?.done(result)
}

function onError(connection: Connection, error: Error): void {
  const { opening, address } = connection
  if (opening) settle(connection, socketFailure(error, opening.watch.phase, address))
  else {
    connection.error ??= error
    // A TLS alert, say, comes before the close that it brings about.
    connection.tap?.fail(connection.error)
  }
}

function onEnd({ tap, used, socket }: Connection): void {
  if (tap) tap.end()
  else if (used) socket.destroy()
}

function onSecured(connection: Connection): void {
  const { opening, address } = connection
  const tls = opening?.tls
  if (!tls) return
  const secure = connection.socket as TLSSocket
  const leaf = secure.getPeerX509Certificate()
  if (leaf) {
    connection.notAfterMs = tls.notAfterMs?.(leaf, secure.authorized)
    connection.endPoint = tls.endPoint?.(leaf)
    tls.onHandshake?.(secure, leaf)
  }
  const problem = tls.insecure ? undefined : certificateProblem(secure, leaf, tls.hostname)
  settle(connection, problem === undefined ? connection : failures.certificate(address, problem))
}

function tlsOptions(tls: TlsDial) {
  return {
    secureContext: tls.context,
    ALPNProtocols: [...(tls.protocols ?? ['http/1.1'])],
    // The handshake completes even with a bad certificate, so that its expiry is known; the listener then ends it.
    rejectUnauthorized: false,
    checkServerIdentity: namesOf(tls.hostname),
    // A server name is a name: an IP address may not be sent as one (RFC 6066, section 3).
    ...(isIP(tls.hostname) === 0 && { servername: tls.hostname }),
  }
}
