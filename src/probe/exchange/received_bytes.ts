/** The bytes that come in on a connection during one exchange, read as the answer that they are. */
import { type Failure, failures, isFailure, quoted } from '../failure.ts'
import { maxHeadBytes, type ReceivedAnswer, utf8Of, valuesOf } from './answer.ts'
import { type AnswerHead, headersIn, type Remark, readHead } from './answer_head.ts'
import { type ChunkedBody, noChunksYet, takeChunks } from './chunked_body.ts'

export interface ReceivedBytes {
  /** When the last piece came, monotonic milliseconds. */
  atMs: number
  /** How many have come. */
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
  /** Bytes of the body that have not come yet, where it is not chunked; infinity: only the close ends it. */
  left: number
  readonly remarks: Set<Remark>
  /** The request was HEAD: no body follows, whatever the head says. */
  readonly bodiless: boolean
}

const nothing = Buffer.alloc(0)

export const noBytesYet = (method: string): ReceivedBytes => ({
  atMs: 0,
  count: 0,
  inHead: false,
  headAtMs: 0,
  held: nothing,
  head: undefined,
  chunks: undefined,
  left: 0,
  remarks: new Set(),
  bodiless: method === 'HEAD',
})

/** Whether the last byte of the answer has come; the close may still end one that has no other end. */
export const isWhole = ({ head, chunks, left }: ReceivedBytes): boolean =>
  head !== undefined && (chunks ? chunks.line === 'none' : left === 0)

/** Takes the next piece, which came at `atMs`, into the answer; returns what is wrong with it. */
export function takePiece(
  bytes: ReceivedBytes,
  answer: ReceivedAnswer,
  piece: Buffer,
  atMs: number,
): Failure | undefined {
  const problem = excess(bytes.count, answer)
  if (problem) return problem
  bytes.atMs = atMs
  bytes.count += piece.length
  const all = bytes.held.length === 0 ? piece : Buffer.concat([bytes.held, piece])
  bytes.held = nothing
  return bytes.head ? takeBody(bytes, answer, all) : takeHead(bytes, answer, all)
}

/** Chunks with so much more framing than content are meant to be read for ever. */
const maxFramingBytes = (bodyBytes: number) => 2 * maxHeadBytes + 8 * bodyBytes

/** The limits of all heads together, and of the framing between the chunks of a body. */
function excess(count: number, { begun, bodyBytes }: ReceivedAnswer): Failure | undefined {
  if (!begun) return count < maxHeadBytes ? undefined : failures.headTooLong(maxHeadBytes)
  if (count - bodyBytes <= maxFramingBytes(bodyBytes)) return undefined
  return failures.protocol('its chunks or trailers are endless')
}

const beginning = 'HTTP/'

/**
 * Takes heads, each when it is whole; any server may send interim ones, asked or not (RFC 9110, section 15.2), and a
 * client passes over them.
 */
function takeHead(bytes: ReceivedBytes, answer: ReceivedAnswer, all: Buffer): Failure | undefined {
  for (let from = 0; ; ) {
    // An empty line before a head is an old habit, and forgiven.
    while (all[from] === 0x0d || all[from] === 0x0a) from++
    const rest = all.subarray(from)
    if (!bytes.inHead) bytes.headAtMs = bytes.atMs
    bytes.inHead = rest.length > 0
    const start = rest.toString('latin1', 0, beginning.length)
    if (start !== beginning && !beginning.startsWith(start))
      return failures.protocol(`it begins with ${quoted(rest.toString())}`)
    const length = headLength(rest)
    if (length === 0) {
      bytes.held = Buffer.from(rest)
      return undefined
    }
    bytes.inHead = false
    const head = readHead(rest.toString('latin1', 0, length), bytes.remarks)
    if (isFailure(head)) return head
    from += length
    if (head.status < 200) continue
    begin(bytes, answer, head)
    return takeBody(bytes, answer, all.subarray(from))
  }
}

/** The length of the head at the beginning of some bytes, with the empty line at its end; 0 when that is not there yet. */
function headLength(bytes: Buffer): number {
  const usual = bytes.indexOf('\n\r\n')
  const bare = (usual < 0 ? bytes : bytes.subarray(0, usual)).indexOf('\n\n')
  if (bare >= 0) return bare + 2
  return usual < 0 ? 0 : usual + 3
}

function begin(bytes: ReceivedBytes, answer: ReceivedAnswer, head: AnswerHead): void {
  const { status, phrase, version, text, chunked, length } = head
  bytes.head = head
  if (bytes.bodiless || status === 204 || status === 304) bytes.left = 0
  else if (chunked) bytes.chunks = noChunksYet()
  else bytes.left = length ?? Number.POSITIVE_INFINITY
  const inUtf8 = utf8Of(phrase)
  answer.begin({
    status,
    // Servers in German or French still send it in an older encoding.
    statusText: inUtf8.includes('\ufffd') ? phrase : inUtf8,
    version,
    encoding: /\ncontent-encoding:/i.test(text) ? valuesOf(headersIn(head), 'content-encoding').join() : '',
    headOnly: false,
    headers: () => headersIn(head),
  })
}

function takeBody(bytes: ReceivedBytes, answer: ReceivedAnswer, all: Buffer): Failure | undefined {
  const { chunks, left, remarks } = bytes
  const taken = chunks ? takeChunks(chunks, all, answer, remarks) : Math.min(left, all.length)
  if (typeof taken !== 'number') return taken
  if (!chunks) {
    answer.add(all.subarray(0, taken))
    bytes.left -= taken
  }
  if (answer.tooLarge) return undefined
  const rest = all.subarray(taken)
  if (!isWhole(bytes)) bytes.held = Buffer.from(rest)
  // An empty line after the body is an old habit, and forgiven.
  else if (rest.some((byte) => byte !== 0x0d && byte !== 0x0a))
    return failures.protocol('more data follows its end')
  return undefined
}
