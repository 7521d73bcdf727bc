/** What is read of an answer's body, and how much of it. */
import type { Deadline } from '../probe/deadline.ts'
import type { Answer, ReadLimits } from '../probe/exchange/answer.ts'
import { isFailure } from '../probe/failure.ts'
import { decodeBody } from '../probe/judge/content.ts'
import { type HttpModule, readsJson } from './module/module.ts'

/** The most that is kept of a body, as sent and decoded, bytes: the exporter keeps any amount. */
const maxKeptBytes = 10 * 2 ** 20

const codingOf = ({ compression }: HttpModule) => (compression === 'identity' ? undefined : compression)

/** A body is kept only where something is to be read in it, and counted to its end in any case. */
export function readLimits(module: HttpModule): ReadLimits {
  const { failIfBody, failIfNotBody } = module
  const readsText = failIfBody.length + failIfNotBody.length > 0 || readsJson(module)
  const isCompressed = codingOf(module) !== undefined
  const keeps = isCompressed || readsText
  const limit = isCompressed || module.bodySizeLimit === 0 ? Number.POSITIVE_INFINITY : module.bodySizeLimit
  const kept = keeps ? Math.min(limit, maxKeptBytes) : 0
  return { maxBodyBytes: keeps ? kept : limit, keepBytes: () => kept }
}

export interface Body {
  /** Decoded; at most what is allowed. */
  readonly bytes: number
  readonly text: string
  /** Why it is not whole, as a sentence. */
  readonly problem?: string
}

/** The body of an answer, decoded as the module says, whatever its Content-Encoding. */
export async function readBody(
  answer: Answer,
  module: HttpModule,
  isHead: boolean,
  deadline: Deadline,
): Promise<Body> {
  const { bodySizeLimit } = module
  const coding = codingOf(module)
  if (coding === undefined) {
    const text = answer.body.toString('utf8')
    if (!answer.tooLarge) return { bytes: answer.bodyBytes, text }
    const limit = bodySizeLimit || maxKeptBytes
    return { bytes: Math.min(answer.bodyBytes, limit), text, problem: tooLarge(limit) }
  }
  if (answer.tooLarge) return { bytes: 0, text: '', problem: tooLarge(maxKeptBytes) }
  if (answer.body.length === 0)
    return { bytes: 0, text: '', ...(!isHead && { problem: `an empty body is no valid ${coding}` }) }
  const limit = Math.min(bodySizeLimit || maxKeptBytes, maxKeptBytes)
  const decoded = await decodeBody(answer.body, coding, limit, deadline)
  if (!isFailure(decoded)) return { bytes: decoded.length, text: decoded.toString('utf8') }
  if (decoded.reason === 'too_large') return { bytes: limit, text: '', problem: tooLarge(limit) }
  const isLate = decoded.reason === 'body_timeout'
  const problem = isLate ? 'the body was not decompressed in time' : `the body is no valid ${coding}`
  return { bytes: 0, text: '', problem }
}

const tooLarge = (bytes: number) => `the body is longer than ${bytes} bytes`
