import { type Failure, failures } from '../failure.ts'
import { type AnswerReader, maxHeadBytes } from './answer.ts'
import { passOverContinue } from './interim_answers.ts'

/** What comes in on a connection during one exchange, on its way to undici's parser. */
export interface Intake {
  /** The piece that is being parsed, or was last. */
  piece: Buffer | undefined
  /** When it came, monotonic. */
  atMs: number
  /** The bytes that came, it included. */
  bytes: number
  /** A head has begun and is not complete. */
  inHead: boolean
  /** When the first byte of the last head came, monotonic. */
  headAtMs: number
}

export const createIntake = (): Intake => ({
  piece: undefined,
  atMs: 0,
  bytes: 0,
  inHead: false,
  headAtMs: 0,
})

/** Takes the next piece, which came at `atMs`; tells why it must not be parsed, if it must not. */
export function takeIn(
  intake: Intake,
  reader: AnswerReader,
  piece: Buffer,
  atMs: number,
): Failure | undefined {
  const problem = excess(intake, reader)
  if (!reader.begun && !intake.inHead) passOverContinue(piece)
  intake.piece = piece
  intake.atMs = atMs
  intake.bytes += piece.length
  return problem
}

/** Chunks that say so much more about themselves than they hold are meant to be read for ever. */
const mostFramingBytes = (bodyBytes: number) => 2 * maxHeadBytes + 8 * bodyBytes

/** The limits that undici leaves open: of all heads together, and of the framing between the chunks of a body. */
function excess({ bytes }: Intake, { begun, bodyBytes }: AnswerReader): Failure | undefined {
  if (!begun) return bytes < maxHeadBytes ? undefined : failures.headTooLong(maxHeadBytes)
  if (bytes - bodyBytes <= mostFramingBytes(bodyBytes)) return undefined
  return failures.protocol('its chunks or trailers are endless')
}
