import type { X509Certificate } from 'node:crypto'
import type { OnReadOpts, Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Clock } from '../../runtime/clock.ts'
import type { Failure } from '../failure.ts'
import type { Stopwatch } from '../stopwatch.ts'

/** Has what comes in on a connection while a request is under way on it. */
interface Tap {
  /** A piece came at `atMs` (monotonic); its memory is overwritten afterwards. */
  read(piece: Buffer, atMs: number): void
  /** The peer has ended what it sends. */
  end(): void
  /** The socket is gone, with the first error on it, if there was one. */
  fail(error: Error | undefined): void
}

/**
 * A socket that carries one request after the other. Node holds on to a socket long after its end, and with it to all
 * that it refers to: whatever belongs to one probe is taken off when that is over.
 */
export interface Connection {
  readonly socket: Socket
  /** The address dialled, `ip:port`. */
  readonly address: string
  /** What came before the first request. */
  readonly early: Buffer[]
  tap: Tap | undefined
  /** A request was made on it. */
  used: boolean
  /** Until when the peer keeps it open for the next request, as far as it says, monotonic milliseconds. */
  openUntilMs: number
  opening: Opening | undefined
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
 * A connection on the socket that `connect` makes. What comes in is handed over at once and with its time known: the queue
 * of the stream, which is left out, costs as much as reading the answer does.
 */
export function createConnection(
  address: string,
  clock: Clock,
  connect: (onread: OnReadOpts) => Socket,
): Connection {
  const socket = connect({
    buffer: readBuffer,
    callback(bytes) {
      receive(connection, readBuffer.subarray(0, bytes), clock.monotonicMs())
      return true
    },
  })
  const connection: Connection = {
    socket,
    address,
    early: [],
    tap: undefined,
    used: false,
    openUntilMs: Number.POSITIVE_INFINITY,
    opening: undefined,
    error: undefined,
    notAfterMs: undefined,
    endPoint: undefined,
  }
  return connection
}

function receive({ socket, tap, used, early }: Connection, piece: Buffer, atMs: number): void {
  if (tap) tap.read(piece, atMs)
  // What comes on an idle connection answers nothing.
  else if (used) socket.destroy()
  else early.push(Buffer.from(piece))
}
