import type { Answer } from '../exchange/answer.ts'
import { type Failure, failures, isFailure } from '../failure.ts'
import { textOf } from './body_text.ts'
import { decodeBody, isEncoded } from './decode.ts'

/** The body as the application wrote it. */
export interface Content {
  /** Bytes, after decompression. */
  readonly bytes: number
  /** Empty when nobody needs it, or when it cannot be read. */
  readonly text: string
  /** Why it cannot be read as a whole: too large, or not what its encoding says. */
  readonly failure?: Failure
}

/** The content of an answer whose text nobody needs. */
export function unreadContent(answer: Answer, maxBytes: number): Content {
  return { bytes: answer.bodyBytes, text: '', ...oversize(answer, maxBytes) }
}

/** The content of an answer with its text, decompressed where it must be; never more than `maxBytes`. */
export async function readContent(answer: Answer, maxBytes: number): Promise<Content> {
  if (!isEncoded(answer)) {
    const text = textOf(answer.body, answer.headers)
    return { bytes: answer.bodyBytes, text, ...oversize(answer, maxBytes) }
  }
  if (answer.tooLarge) return unreadContent(answer, maxBytes)
  const body = await decodeBody(answer, maxBytes)
  if (isFailure(body)) return { bytes: 0, text: '', failure: body }
  return { bytes: body.length, text: textOf(body, answer.headers) }
}

const oversize = (answer: Answer, maxBytes: number) =>
  answer.tooLarge ? { failure: failures.tooLarge(maxBytes, 'as sent') } : {}
