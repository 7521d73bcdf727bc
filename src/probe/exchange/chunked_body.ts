/** The framing of a chunked body; lines that balancers take, though they are not valid, are remarked on. */
import { type Failure, failures, quoted } from '../failure.ts'
import type { ReceivedAnswer } from './answer.ts'
import { field, type Remark, withoutControls } from './answer_head.ts'

export interface ChunkedBody {
  /** What the next line is: the size of a chunk, the end of one, a trailer; `none` once the last one has come. */
  line: 'size' | 'end' | 'trailer' | 'none'
  /** Bytes of the present chunk that have not come yet. */
  left: number
}

export const noChunksYet = (): ChunkedBody => ({ line: 'size', left: 0 })

const lineFeed = 0x0a
/** In a trailer it has no effect. */
const framing = /^(?:content-length|transfer-encoding):/i

/**
 * Takes what comes of a body and adds its content to `answer`. Returns how much of it was taken, bytes: all but the
 * beginning of a line whose end has not come, what follows the body, and what follows too much of it.
 */
export function takeChunks(
  body: ChunkedBody,
  all: Buffer,
  answer: ReceivedAnswer,
  found: Set<Remark>,
): number | Failure {
  let at = 0
  while (at < all.length && body.line !== 'none') {
    const isData = body.left > 0
    const end = isData ? Math.min(all.length, at + body.left) : all.indexOf(lineFeed, at) + 1
    if (end === 0) break
    const part = all.subarray(at, end)
    if (isData) {
      body.left -= part.length
      if (!answer.add(part)) return end
    } else {
      const problem = takeLine(body, part, found)
      if (problem) return problem
    }
    at = end
  }
  return at
}

/** Takes one line, its end included. */
function takeLine(body: ChunkedBody, line: Buffer, found: Set<Remark>): Failure | undefined {
  const text = line.toString('latin1').replace(/\r?\n$/, '')
  if (!line.includes('\r\n')) found.add('bareLf')
  if (body.line === 'size') return takeSize(body, text, found)
  if (body.line === 'end') {
    body.line = 'size'
    return text === '' ? undefined : failures.protocol(`${quoted(text)} follows a chunk, not its end`)
  }
  if (text === '') body.line = 'none'
  else if (!field.test(text)) return failures.protocol(`its trailer ${quoted(text)} is no header`)
  else if (framing.test(text)) found.add('trailer')
  withoutControls(text, found)
  return undefined
}

function takeSize(body: ChunkedBody, text: string, found: Set<Remark>): Failure | undefined {
  const [, digits = '', blanks] = /^([\da-f]+)([ \t]*)(?:;.*)?$/i.exec(text) ?? []
  const size = Number.parseInt(digits, 16)
  if (!Number.isSafeInteger(size)) return failures.protocol(`the size of a chunk is ${quoted(text)}`)
  if (blanks !== '') found.add('chunkBlanks')
  body.left = size
  body.line = size === 0 ? 'trailer' : 'end'
  return undefined
}
