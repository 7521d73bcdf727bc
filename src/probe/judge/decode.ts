import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'
import type { Answer, Head } from '../exchange/answer.ts'
import { type Failure, failures } from '../failure.ts'

type Decompress = (input: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const plainInflate: Decompress = promisify(inflate)
const rawInflate: Decompress = promisify(inflateRaw)

// HTTP's deflate is zlib's format; many servers send the raw one. Two bytes tell them apart.
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

/** The codings of a body that we can undo, the last applied first. */
function codingsOf({ encoding }: Answer): string[] {
  return encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => decoders.has(name))
    .toReversed()
}

/** Three layers are one more than anybody has a use for, and a bomb in layers is still a bomb. */
const maxCodings = 3

/**
 * The body as the application wrote it, at most `maxBytes` of it: a body that would be larger is `too_large`, one
 * that is not what its Content-Encoding says is `protocol`. An unknown encoding is left as it is.
 */
export async function decodeBody(answer: Answer, maxBytes: number): Promise<Buffer | Failure> {
  const codings = codingsOf(answer)
  let body = answer.body
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

/** The body is compressed in a way that we can undo. */
export const isEncoded = ({ encoding }: Head): boolean => encoding !== ''
