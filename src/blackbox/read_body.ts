/** What is read of an answer's body, and how much of it. */

import type { Answer, ReadLimits } from '../probe/exchange/answer.ts'
import { type Failure, isFailure } from '../probe/failure.ts'
import { decodeBody } from '../probe/judge/decode.ts'
import type { Compression, HttpModule } from './module/module.ts'
import { readsText } from './module_expectations.ts'

/** The most that is kept of a body, as sent and decoded: the exporter keeps any amount. */
const mostKeptBytes = 10 * 2 ** 20

const isCompressed = (compression: Compression) => compression !== '' && compression !== 'identity'

/** A body is kept only where something is to be read in it, and counted to its end in any case. */
export function readLimits({ bodySizeLimit, compression, accept }: HttpModule): ReadLimits {
  const keeps = isCompressed(compression) || readsText(accept)
  const most = isCompressed(compression) || bodySizeLimit === 0 ? Number.POSITIVE_INFINITY : bodySizeLimit
  const kept = keeps ? Math.min(most, mostKeptBytes) : 0
  return { maxBodyBytes: keeps ? kept : most, keepBytes: () => kept }
}

export interface Body {
  /** Decoded; at most what was allowed. */
  readonly bytes: number
  readonly text: string
  /** Why it is not whole, as a sentence. */
  readonly problem?: string
}

/** The body of an answer, decoded as the module says. */
export async function readBody(
  answer: Answer,
  { bodySizeLimit, compression }: HttpModule,
  isHead: boolean,
): Promise<Body> {
  const most = bodySizeLimit === 0 ? mostKeptBytes : Math.min(bodySizeLimit, mostKeptBytes)
  if (!isCompressed(compression)) {
    const bytes = answer.tooLarge
      ? Math.min(answer.bodyBytes, bodySizeLimit || mostKeptBytes)
      : answer.bodyBytes
    const text = answer.body.toString('utf8')
    return answer.tooLarge
      ? { bytes, text, problem: tooLarge(bodySizeLimit || mostKeptBytes) }
      : { bytes, text }
  }
  if (answer.tooLarge) return { bytes: 0, text: '', problem: tooLarge(mostKeptBytes) }
  if (answer.body.length === 0)
    return { bytes: 0, text: '', ...(!isHead && { problem: `an empty body is no valid ${compression}` }) }
  const decoded: Buffer | Failure = await decodeBody(withEncoding(answer, compression), most)
  if (!isFailure(decoded)) return { bytes: decoded.length, text: decoded.toString('utf8') }
  const exceeded = decoded.reason === 'too_large'
  return {
    bytes: exceeded ? most : 0,
    text: '',
    problem: exceeded ? tooLarge(most) : `the body is no valid ${compression}`,
  }
}

const tooLarge = (bytes: number) => `the body is longer than ${bytes} bytes`

function withEncoding(
  { status, statusText, headers, body, bodyBytes, tooLarge }: Answer,
  encoding: string,
): Answer {
  return { status, statusText, headers, body, bodyBytes, tooLarge, encoding }
}
