/** The bytes that come in on a connection during one exchange, on their way to undici's parser. */
import { type Failure, failures, isFailure } from '../failure.ts'
import { maxHeadBytes, type ReceivedAnswer } from './answer.ts'
import { type AnswerHead, type Remark, readHead } from './answer_head.ts'
import { type ChunkedBody, noChunksYet, takeChunks } from './chunked_body.ts'

export interface ReceivedBytes {
  /** The piece that is being parsed, or was last. */
  piece: Buffer | undefined
  /** When it came, monotonic milliseconds. */
  atMs: number
  /** How many have come, the piece included. */
  count: number
  /** A head has begun and is not complete. */
  inHead: boolean
  /** When the first byte of the last head came, monotonic milliseconds. */
  headAtMs: number
  /** Came, but cannot be read without what follows. */
  held: Buffer
  /** The head of the final answer; undefined before it is complete, and when what comes is no HTTP. */
  head: AnswerHead | undefined
  /** The framing of the body that is chunked. */
  chunks: ChunkedBody | undefined
  readonly remarks: Set<Remark>
  /** The request was HEAD: no body follows, whatever the head says. */
  readonly bodiless: boolean
}

const nothing = Buffer.alloc(0)

export const noBytesYet = (method: string): ReceivedBytes => ({
  piece: undefined,
  atMs: 0,
  count: 0,
  inHead: false,
  headAtMs: 0,
  held: nothing,
  head: undefined,
  chunks: undefined,
  remarks: new Set(),
  bodiless: method === 'HEAD',
})

/** Takes the next piece, which came at `atMs`; returns what can be parsed now, or why nothing must be. */
export function takePiece(
  bytes: ReceivedBytes,
  answer: ReceivedAnswer,
  piece: Buffer,
  atMs: number,
): Buffer | Failure {
  const problem = excess(bytes.count, answer)
  if (problem) return problem
  bytes.atMs = atMs
  bytes.count += piece.length
  const all = bytes.held.length === 0 ? piece : Buffer.concat([bytes.held, piece])
  bytes.held = nothing
  const parsed = answer.begun || bytes.head ? takeBody(bytes, all) : takeHead(bytes, all)
  if (!isFailure(parsed)) bytes.piece = parsed
  return parsed
}

/** Chunks with so much more framing than content are meant to be read for ever. */
const maxFramingBytes = (bodyBytes: number) => 2 * maxHeadBytes + 8 * bodyBytes

/** The limits that undici leaves open: of all heads together, and of the framing between the chunks of a body. */
function excess(count: number, { begun, bodyBytes }: ReceivedAnswer): Failure | undefined {
  if (!begun) return count < maxHeadBytes ? undefined : failures.headTooLong(maxHeadBytes)
  if (count - bodyBytes <= maxFramingBytes(bodyBytes)) return undefined
  return failures.protocol('its chunks or trailers are endless')
}

const beginning = 'HTTP/'

/**
 * Takes heads, each when it is whole; any server may send interim ones, asked or not (RFC 9110, section 15.2), and a
 * client passes over them. What begins otherwise is left to the parser to refuse.
 */
function takeHead(bytes: ReceivedBytes, all: Buffer): Buffer | Failure {
  for (let from = 0; ; ) {
    // An empty line before a head is an old habit, and forgiven.
    while (all[from] === 0x0d || all[from] === 0x0a) from++
    const rest = all.subarray(from)
    if (!bytes.inHead) bytes.headAtMs = bytes.atMs
    bytes.inHead = rest.length > 0
    const start = rest.toString('latin1', 0, beginning.length)
    if (start !== beginning && !beginning.startsWith(start)) return rest
    const length = headLength(rest)
    if (length === 0) {
      bytes.held = rest
      return nothing
    }
    bytes.inHead = false
    const raw = rest.toString('latin1', 0, length)
    const head = readHead(raw, bytes.remarks)
    if (isFailure(head)) return head
    from += length
    if (head.status < 200) continue
    bytes.head = head
    const hasBody = !bytes.bodiless && head.status !== 204 && head.status !== 304
    if (head.chunked && hasBody) bytes.chunks = noChunksYet()
    if (head.text === raw && bytes.chunks === undefined) return rest
    return Buffer.concat([Buffer.from(head.text, 'latin1'), takeBody(bytes, all.subarray(from))])
  }
}

/** The length of the head at the beginning of some bytes, with the empty line at its end; 0 when that is not there yet. */
function headLength(bytes: Buffer): number {
  const usual = bytes.indexOf('\n\r\n')
  const bare = (usual < 0 ? bytes : bytes.subarray(0, usual)).indexOf('\n\n')
  if (bare >= 0) return bare + 2
  return usual < 0 ? 0 : usual + 3
}

function takeBody(bytes: ReceivedBytes, all: Buffer): Buffer {
  if (bytes.chunks === undefined) return all
  const { parsed, held } = takeChunks(bytes.chunks, all, bytes.remarks)
  bytes.held = held
  return parsed
}
