/** The body of an answer as the application wrote it. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'
import type { Answer } from '../exchange/answer.ts'
import { type Failure, failures, isFailure } from '../failure.ts'
import { textOf } from './text.ts'

export interface Content {
  /** Bytes, after decompression. */
  readonly bytes: number
  /** Empty when it is not needed, or when it cannot be read. */
  readonly text: string
  /** Why it cannot be read as a whole: too large, or not what its encoding says. */
  readonly failure?: Failure
}

/** The content of an answer whose text is not needed. */
export function unreadContent(answer: Answer, maxBytes: number): Content {
  return { bytes: answer.bodyBytes, text: '', ...oversize(answer, maxBytes) }
}

/** The content of an answer with its text, decompressed where it must be; never more than `maxBytes`. */
export async function readContent(answer: Answer, maxBytes: number): Promise<Content> {
  const { body, bodyBytes, encoding, tooLarge } = answer
  if (encoding === '') return { bytes: bodyBytes, text: textOf(answer, body), ...oversize(answer, maxBytes) }
  if (tooLarge) return unreadContent(answer, maxBytes)
  const decoded = await decodeBody(body, encoding, maxBytes)
  if (isFailure(decoded)) return { bytes: 0, text: '', failure: decoded }
  return { bytes: decoded.length, text: textOf(answer, decoded) }
}

const oversize = ({ tooLarge }: Answer, maxBytes: number) =>
  tooLarge ? { failure: failures.tooLarge(maxBytes, 'as sent') } : {}

type Decompress = (input: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const plainInflate: Decompress = promisify(inflate)
const rawInflate: Decompress = promisify(inflateRaw)

// HTTP's deflate is zlib's format; many servers send the raw one. The first two bytes differ.
const anyInflate: Decompress = (input, options) => {
  const [method = 0, flags = 0] = input
  const zlib = (method & 15) === 8 && (method * 256 + flags) % 31 === 0
  return (zlib ? plainInflate : rawInflate)(input, options)
}

const decoders: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', anyInflate],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
])

/** Three layers are one more than there is a use for, and a decompression bomb may have layers. */
const maxCodings = 3

/**
 * A body as the application wrote it, at most `maxBytes` of it: a body that would be larger is `too_large`, one that
 * is not what its Content-Encoding says is `protocol`. An unknown coding is left as it is.
 */
export async function decodeBody(
  encoded: Buffer,
  encoding: string,
  maxBytes: number,
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
    try {
      body = await (decoders.get(coding) as Decompress)(body, { maxOutputLength: Math.max(1, maxBytes) })
    } catch (error) {
      const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      return tooLarge ? failures.tooLarge(maxBytes, 'decompressed') : failures.undecodable(coding)
    }
  }
  return body
}
