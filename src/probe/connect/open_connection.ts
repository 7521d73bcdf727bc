import type { X509Certificate } from 'node:crypto'
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import type { Clock } from '../../runtime/clock.ts'
import { type Failure, failures, isFailure, socketFailure } from '../failure.ts'
import type { Stopwatch } from '../stopwatch.ts'
import { certificateProblem, namesOf } from './certificate.ts'
import { type Connection, createConnection } from './connection.ts'

/** Where to connect and, over TLS, as whom and to whom. */
export interface Dial {
  readonly ip: string
  readonly port: number
  /** `ip:port`, for people. */
  readonly address: string
  readonly tls: TlsDial | undefined
  /** Called with the earliest expiry of the certificates presented, whether they are accepted or not. */
  readonly onPresented: (notAfterMs: number | undefined) => void
}

export interface TlsDial {
  /** The site's name: the server name sent, and the name the certificate must prove. */
  readonly hostname: string
  readonly context: SecureContext
  readonly insecure: boolean
  /** What to offer by ALPN, the preferred one first; HTTP/1.1 unless given. */
  readonly protocols?: readonly string[]
  /** The earliest expiry of the certificates presented, wall milliseconds. */
  readonly earliestExpiryMs: (leaf: X509Certificate) => number
}

/** A connection that is being opened, and for whom. */
export interface Opening {
  readonly dial: Dial
  readonly watch: Stopwatch
  readonly done: (result: Connection | Failure) => void
}

/**
 * Opens one connection to one address: one attempt, no race between addresses. `done` gets the connection once it
 * can carry a request, or the failure; the socket is destroyed then. Returns the socket, for those who must stop it.
 */
export function openConnection(
  dial: Dial,
  clock: Clock,
  watch: Stopwatch,
  done: (result: Connection | Failure) => void,
): Socket {
  const connection = createConnection(dial.address, clock, (onread) => connectSocket(dial, onread))
  connection.opening = { dial, watch, done }
  listen(connection, dial.tls !== undefined)
  return connection.socket
}

function connectSocket({ ip, port, tls }: Dial, onread: OnReadOpts): Socket {
  const target = { host: ip, port, onread, autoSelectFamily: false }
  return tls ? connectTls({ ...target, ...tlsOptions(tls) }) : connectTcp(target)
}

/** These listeners live as long as the socket, so all they may hold is the connection. */
function listen(connection: Connection, secure: boolean): void {
  const { socket } = connection
  socket.on('error', (error) => onError(connection, error))
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
  else connection.error ??= error
}

function onSecured(connection: Connection): void {
  const { opening, address } = connection
  const tls = opening?.dial.tls
  if (!tls) return
  const secure = connection.socket as TLSSocket
  // Once and no more: on a client this call takes the leaf out of the chain that the next call would see.
  const leaf = secure.getPeerX509Certificate()
  connection.notAfterMs = leaf && tls.earliestExpiryMs(leaf)
  opening.dial.onPresented(connection.notAfterMs)
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
    // A server name is a name: an IP address may not stand there (RFC 6066).
    ...(isIP(tls.hostname) === 0 && { servername: tls.hostname }),
  }
}
