import type { Phase } from '../../model/outcome.ts'
import type { Connection } from '../connect/connection.ts'
import { type Failure, failures, quoted, socketFailure } from '../failure.ts'
import { type Answer, type AnswerReader, maxHeadBytes } from './answer.ts'
import { valuesOf } from './header.ts'
import type { Intake } from './received_bytes.ts'

interface UndiciError extends NodeJS.ErrnoException {
  /** Of a parser's error: what it had not parsed yet. */
  readonly data?: string
}

/** The failure that ended an exchange, by the error that undici gives for it and by what happened on the socket. */
export function exchangeFailure(
  given: Error,
  connection: Connection,
  reader: AnswerReader,
  intake: Intake,
  phase: Phase,
): Failure {
  const { socket, address } = connection
  // undici tells the last cause; a TLS alert, say, comes before the close that it brings about.
  const error: UndiciError = connection.error ?? given
  if (!undiciErrors.has(error.name))
    return connection.error ? socketFailure(error, phase, address) : failures.internal(error)
  if (socket.readableEnded) return closed(address, reader, intake)
  switch (error.name) {
    case 'HTTPParserError':
      return failures.protocol(parserProblem(error, intake))
    case 'HeadersOverflowError':
      return reader.begun ? failures.protocol('its trailers are endless') : failures.headTooLong(maxHeadBytes)
    // Of every error in a head with a Content-Length undici says that the body does not match it.
    case 'ResponseContentLengthMismatchError':
      return failures.protocol('its headers are malformed, or contradict each other')
    default:
      return misbehaved(error.message, connection)
  }
}

const undiciErrors: ReadonlySet<string> = new Set([
  'HTTPParserError',
  'HeadersOverflowError',
  'ResponseContentLengthMismatchError',
  'SocketError',
])

function closed(address: string, reader: AnswerReader, intake: Intake): Failure {
  const answer = reader.answer()
  if (answer) return failures.truncated(answer.bodyBytes, lengthOf(answer))
  return intake.inHead ? failures.closedInHead(address) : failures.closed(address)
}

/** The bytes of the whole body by the answer's own word, if it gave it. */
function lengthOf({ headers }: Answer): number | undefined {
  const [length] = valuesOf(headers, 'content-length')
  return length === undefined ? undefined : Number(length)
}

function misbehaved(message: string, { asked, address }: Connection): Failure {
  if (message === 'bad upgrade')
    return failures.protocol('it switches to another protocol, which nobody asked for')
  if (message !== 'bad response') return failures.closed(address)
  return asked ? failures.protocol('its 100 Continue came in pieces') : failures.spokeFirst()
}

/** Where the parser stopped: its own reason, and the line of the answer in which it did. */
function parserProblem({ message, data = '' }: UndiciError, { piece, bytes }: Intake): string {
  const text = piece?.toString() ?? ''
  const from = text.lastIndexOf('\n', text.length - data.length - 1) + 1
  if (from === 0 && bytes === piece?.length) return `it begins with ${quoted(text)}`
  const [line = ''] = text.slice(from).split(/\r?\n/, 1)
  const [, reason = 'its parser stopped'] = /\((.*)\)$/.exec(message) ?? []
  return `${reason} in ${quoted(line)}`
}
