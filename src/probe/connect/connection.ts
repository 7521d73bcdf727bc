import type { X509Certificate } from 'node:crypto'
import type { OnReadOpts, Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Clock } from '../../runtime/clock.ts'
import type { Failure } from '../failure.ts'
import type { Stopwatch } from '../stopwatch.ts'
import type { Send } from './undici_sender.ts'

/** Sees what comes in on a connection before undici does, and what undici puts back as it is no part of the answer. */
export interface Tap {
  /** A piece came at `atMs` (monotonic); returns what undici is to be given; undefined: nothing ever again. */
  read(piece: Buffer, atMs: number): Buffer | undefined
  putBack(rest: Buffer): void
}

/** The tap of a connection on which nothing is asked. */
export const untapped: Tap = { read: (piece) => piece, putBack() {} }

/**
 * A socket and undici on it. Node holds on to a socket long after its end, and with it to all that it refers to:
 * whatever belongs to one probe is taken off when that is over.
 */
export interface Connection {
  readonly socket: Socket
  /** The address dialled, `ip:port`. */
  readonly address: string
  /** Gives undici a request for this connection; there once one was given. */
  send: Send | undefined
  /** What came and was not parsed yet. */
  readonly pieces: Buffer[]
  tap: Tap
  opening: Opening | undefined
  /** The request of the present exchange is on its way. */
  asked: boolean
  /** The first error on the socket since it was open. */
  error: Error | undefined
  /** When the certificates in use expire, wall milliseconds. */
  notAfterMs: number | undefined
  /** What binds an authentication to the server's certificate (RFC 5929, `tls-server-end-point`). */
  endPoint: Buffer | undefined
}

export interface TlsDial {
  /** The server name sent, and the name that the certificate must prove. */
  readonly hostname: string
  readonly context: SecureContext
  readonly insecure: boolean
  /** What to offer by ALPN, the preferred one first; HTTP/1.1 unless given. */
  readonly protocols?: readonly string[]
  /** When the certificates in use expire, wall milliseconds; kept on the connection. */
  readonly notAfterMs?: (leaf: X509Certificate, accepted: boolean) => number
  /** What binds an authentication to this certificate; kept on the connection. */
  readonly endPoint?: (leaf: X509Certificate) => Buffer
  /** Called when the handshake is complete, whether the certificate is accepted or not. */
  readonly onHandshake?: (socket: TLSSocket, leaf: X509Certificate) => void
}

export interface Opening {
  readonly tls: TlsDial | undefined
  readonly watch: Stopwatch
  readonly done: (result: Connection | Failure) => void
}

/** One read at a time happens on a thread, so that all its connections can share the memory they read into. */
const readBuffer = Buffer.allocUnsafeSlow(65_536)

/**
 * A connection on the socket that `connect` makes. undici learns of data by the event `readable`, takes it by `read`
 * and puts back by `unshift` what follows an answer; here it gets by them what came, at once and with its time known.
 * The queue of the stream, which is left out, costs as much as all of undici.
 */
export function createConnection(
  address: string,
  clock: Clock,
  connect: (onread: OnReadOpts) => Socket,
): Connection {
  const socket = connect({
    buffer: readBuffer,
    callback(bytes) {
      receive(connection, Buffer.from(readBuffer.subarray(0, bytes)), clock.monotonicMs())
      return true
    },
  })
  const connection: Connection = {
    socket,
    address,
    send: undefined,
    pieces: [],
    tap: untapped,
    opening: undefined,
    asked: false,
    error: undefined,
    notAfterMs: undefined,
    endPoint: undefined,
  }
  const { read } = socket
  const takePiece: typeof read = (size) => connection.pieces.shift() ?? read.call(socket, size)
  const putBack = (rest: Buffer) => connection.tap.putBack(rest)
  // A function written on the right of these would be made in V8's old space, and keep all it sees there.
  socket.read = takePiece
  socket.unshift = putBack
  return connection
}

function receive(connection: Connection, piece: Buffer, atMs: number): void {
  const given = connection.tap.read(piece, atMs)
  if (given === undefined || given.length === 0) return
  connection.pieces.push(given)
  connection.socket.emit('readable')
}
