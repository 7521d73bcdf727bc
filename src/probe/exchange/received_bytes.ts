/** The bytes that come in on a connection during one exchange, on their way to undici's parser. */
import { type Failure, failures } from '../failure.ts'
import { maxHeadBytes, type ReceivedAnswer } from './answer.ts'

export interface ReceivedBytes {
  /** The piece that is being parsed, or was last. */
  piece: Buffer | undefined
  /** When it came, monotonic milliseconds. */
  atMs: number
  /** How many have come, the piece included. */
  count: number
  /** The digit that ends `HTTP/1.x` at their beginning, as a character code. */
  minorVersion: number
  /** A head has begun and is not complete. */
  inHead: boolean
  /** When the first byte of the last head came, monotonic milliseconds. */
  headAtMs: number
}

export const noBytesYet = (): ReceivedBytes => ({
  piece: undefined,
  atMs: 0,
  count: 0,
  minorVersion: 0,
  inHead: false,
  headAtMs: 0,
})

const minorVersionAt = 'HTTP/1.'.length

/** Takes the next piece, which came at `atMs`; returns why it must not be parsed, if it must not. */
export function takePiece(
  bytes: ReceivedBytes,
  answer: ReceivedAnswer,
  piece: Buffer,
  atMs: number,
): Failure | undefined {
  const problem = excess(bytes.count, answer)
  if (!answer.begun && !bytes.inHead) passOverContinue(piece)
  if (bytes.count <= minorVersionAt) bytes.minorVersion = piece[minorVersionAt - bytes.count] ?? 0
  bytes.piece = piece
  bytes.atMs = atMs
  bytes.count += piece.length
  return problem
}

/** Chunks with so much more framing than content are meant to be read for ever. */
const maxFramingBytes = (bodyBytes: number) => 2 * maxHeadBytes + 8 * bodyBytes

/** The limits that undici leaves open: of all heads together, and of the framing between the chunks of a body. */
function excess(count: number, { begun, bodyBytes }: ReceivedAnswer): Failure | undefined {
  if (!begun) return count < maxHeadBytes ? undefined : failures.headTooLong(maxHeadBytes)
  if (count - bodyBytes <= maxFramingBytes(bodyBytes)) return undefined
  return failures.protocol('its chunks or trailers are endless')
}

const lastStatusDigit = 11
const two = 0x32

/**
 * Takes the 100 Continue out of what is about to be read, from the start of an answer on: it becomes 102 Processing,
 * in place. Any server may send it, asked or not (RFC 9110, section 15.2), and a client passes over it; but undici,
 * which passes over every other interim answer, takes this one for an error.
 */
function passOverContinue(piece: Buffer): void {
  let at = 0
  do {
    const start = piece.toString('latin1', at, at + lastStatusDigit + 1)
    if (!start.startsWith('HTTP/1.1 1')) return
    if (start.endsWith('100')) piece[at + lastStatusDigit] = two
    at = piece.indexOf('\r\n\r\n', at) + 4
  } while (at > 3)
}
