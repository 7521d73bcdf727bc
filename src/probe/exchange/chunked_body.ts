/** The framing of a chunked body: lines that balancers take, and undici's parser does not, are put right. */
import { type Remark, withoutControls } from './answer_head.ts'

export interface ChunkedBody {
  /** What the next line is: the size of a chunk, the end of one, a trailer; `none` once the parser is to judge the rest. */
  line: 'size' | 'end' | 'trailer' | 'none'
  /** Bytes of the present chunk that have not come yet. */
  left: number
}

export const noChunksYet = (): ChunkedBody => ({ line: 'size', left: 0 })

const lineFeed = 0x0a
/** In a trailer it has no effect, but the parser refuses it there. */
const framing = /^(?:content-length|transfer-encoding):/i

/** Takes what comes of a body; `held` is the beginning of a line whose end has not come. */
export function takeChunks(body: ChunkedBody, all: Buffer, found: Set<Remark>) {
  const parts: Buffer[] = []
  let at = 0
  while (at < all.length && body.line !== 'none') {
    const isData = body.left > 0
    const end = isData ? Math.min(all.length, at + body.left) : all.indexOf(lineFeed, at) + 1
    if (end === 0) return { parsed: Buffer.concat(parts), held: all.subarray(at) }
    const part = all.subarray(at, end)
    if (isData) body.left -= part.length
    parts.push(isData ? part : takeLine(body, part, found))
    at = end
  }
  return { parsed: Buffer.concat([...parts, all.subarray(at)]), held: all.subarray(all.length) }
}

/** Takes one line, its end included; returns it as the parser takes it. */
function takeLine(body: ChunkedBody, line: Buffer, found: Set<Remark>): Buffer {
  const text = line.toString('latin1').replace(/\r?\n$/, '')
  if (!line.includes('\r\n')) found.add('bareLf')
  if (body.line === 'trailer' || text === '') {
    body.line = body.line === 'end' ? 'size' : text === '' ? 'none' : 'trailer'
    if (framing.test(text)) found.add('trailer')
    return Buffer.from(`${withoutControls(text.replace(framing, 'x-$&'), found)}\r\n`, 'latin1')
  }
  const [, digits = '', blanks] = (body.line === 'size' && /^([\da-f]+)([ \t]*)(?:;.*)?$/i.exec(text)) || []
  const size = Number.parseInt(digits, 16)
  if (!Number.isSafeInteger(size)) {
    body.line = 'none'
    return line
  }
  if (blanks !== '') found.add('chunkBlanks')
  body.left = size
  body.line = size === 0 ? 'trailer' : 'end'
  return Buffer.from(`${digits}\r\n`)
}
