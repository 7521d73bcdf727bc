/** The body of an answer as the application wrote it. */
import type { Transform } from 'node:stream'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import type { Deadline, Stop } from '../deadline.ts'
import type { Answer } from '../exchange/answer.ts'
import { type Failure, failures, isFailure } from '../failure.ts'
import { textOf } from './text.ts'

export interface Content {
  /** Bytes, after decompression. */
  readonly bytes: number
  /** Empty when it is not needed, or when it cannot be read. */
  readonly text: () => string
  /** Why it cannot be read as a whole: too large, not what its encoding says, or not decompressed in time. */
  readonly failure?: Failure
}

const noText = () => ''

/** The content of an answer whose text is not needed. */
export const unreadContent = (answer: Answer, maxBytes: number): Content => ({
  bytes: answer.bodyBytes,
  text: noText,
  ...oversize(answer, maxBytes),
})

/** The content of an answer, decompressed where it must be; never more than `maxBytes`. */
export async function readContent(answer: Answer, maxBytes: number, deadline: Deadline): Promise<Content> {
  const { body, bodyBytes, encoding, tooLarge } = answer
  if (encoding === '')
    return { bytes: bodyBytes, text: textOnce(answer, body), ...oversize(answer, maxBytes) }
  if (tooLarge) return unreadContent(answer, maxBytes)
  const decoded = await decodeBody(body, encoding, maxBytes, deadline)
  if (isFailure(decoded)) return { bytes: 0, text: noText, failure: decoded }
  return { bytes: decoded.length, text: textOnce(answer, decoded) }
}

function textOnce(answer: Answer, body: Buffer): () => string {
  let text: string | undefined
  return () => (text ??= textOf(answer, body))
}

const oversize = ({ tooLarge }: Answer, maxBytes: number) =>
  tooLarge ? { failure: failures.tooLarge(maxBytes, 'as sent') } : {}

// HTTP's deflate is zlib's format; many servers send the raw one. The first two bytes differ.
const createAnyInflate: Create = (options, [method = 0, flags = 0]) => {
  const zlib = (method & 15) === 8 && (method * 256 + flags) % 31 === 0
  return zlib ? createInflate(options) : createInflateRaw(options)
}

type Create = (options: { readonly chunkSize: number }, input: Buffer) => Transform

const decoders: ReadonlyMap<string, Create> = new Map<string, Create>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createAnyInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
])

/** What is decoded at one go, bytes: a page in one, a large body in few. */
const chunkSizes = { page: 16_384, large: 131_072 } as const

/** Three layers are one more than there is a use for, and a decompression bomb may have layers. */
const maxCodings = 3

/**
 * A body as the application wrote it, at most `maxBytes` of it: a body that would be larger is `too_large`, one that
 * is not what its Content-Encoding says is `protocol`, one that takes beyond the deadline is `body_timeout`. An unknown
 * coding is left as it is.
 */
export async function decodeBody(
  encoded: Buffer,
  encoding: string,
  maxBytes: number,
  deadline: Deadline,
): Promise<Buffer | Failure> {
  // The last applied comes first.
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => decoders.has(name))
    .toReversed()
  let body = encoded
  if (body.length === 0) return body
  if (codings.length > maxCodings) return failures.undecodable(codings.join(', ').slice(0, 80))
  for (const coding of codings) {
    const step = await deadline.step<Decoded>((done) => decode(body, coding, maxBytes, done))
    if (!('decoded' in step)) return failures.undecodedInTime(coding)
    if (isFailure(step.decoded)) return step.decoded
    body = step.decoded
  }
  return body
}

interface Decoded {
  readonly decoded: Buffer | Failure
}

/** Decodes piece by piece, on a thread of Node's pool, and stops as soon as there is too much. */
function decode(input: Buffer, coding: string, maxBytes: number, done: (step: Decoded) => void): Stop {
  const chunkSize = input.length > chunkSizes.page ? chunkSizes.large : chunkSizes.page
  const decoder = (decoders.get(coding) as Create)({ chunkSize }, input)
  const pieces: Buffer[] = []
  let bytes = 0
  const end = (decoded: Buffer | Failure) => {
    decoder.destroy()
    done({ decoded })
  }
  decoder
    .on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes > maxBytes) end(failures.tooLarge(maxBytes, 'decompressed'))
      else pieces.push(piece)
    })
    .on('end', () => end(Buffer.concat(pieces)))
    .on('error', () => end(failures.undecodable(coding)))
    .end(input)
  return () => decoder.destroy()
}
