import type { Phase } from '../../model/outcome.ts'
import type { Connection } from '../connect/connection.ts'
import { type Failure, failures, quoted, socketFailure } from '../failure.ts'
import { maxHeadBytes, type ReceivedAnswer, valuesOf } from './answer.ts'
import type { ReceivedBytes } from './received_bytes.ts'

interface UndiciError extends NodeJS.ErrnoException {
  /** Of a parser's error: what it had not parsed yet. */
  readonly data?: string
}

const undiciErrors: ReadonlySet<string> = new Set([
  'HTTPParserError',
  'HeadersOverflowError',
  'ResponseContentLengthMismatchError',
  'SocketError',
])

/** The failure that ended an exchange, by the error that undici gives for it and by what happened on the socket. */
export function exchangeFailure(
  given: Error,
  connection: Connection,
  answer: ReceivedAnswer,
  bytes: ReceivedBytes,
  phase: Phase,
): Failure {
  const { socket, address } = connection
  // undici gives the last cause; a TLS alert, say, comes before the close that it brings about.
  const error: UndiciError = connection.error ?? given
  if (!undiciErrors.has(error.name))
    return connection.error ? socketFailure(error, phase, address) : failures.internal(error)
  if (socket.readableEnded) return closed(address, answer, bytes)
  switch (error.name) {
    case 'HTTPParserError':
      return failures.protocol(parserProblem(error, bytes))
    case 'HeadersOverflowError':
      return answer.begun ? failures.protocol('its trailers are endless') : failures.headTooLong(maxHeadBytes)
    // Of every error in a head with a Content-Length undici says that the body does not match it.
    case 'ResponseContentLengthMismatchError':
      return failures.protocol('its headers are malformed, or contradict each other')
    default:
      return connection.asked || error.message !== 'bad response'
        ? failures.closed(address)
        : failures.spokeFirst()
  }
}

function closed(address: string, answer: ReceivedAnswer, { inHead }: ReceivedBytes): Failure {
  if (!answer.begun) return inHead ? failures.closedInHead(address) : failures.closed(address)
  const [length] = valuesOf(answer.headers, 'content-length')
  return failures.truncated(answer.bodyBytes, length === undefined ? undefined : Number(length))
}

/** Where the parser stopped: its own reason, and the line of the answer in which it did. */
function parserProblem({ message, data = '' }: UndiciError, { piece, head }: ReceivedBytes): string {
  const text = piece?.toString() ?? ''
  if (head === undefined) return `it begins with ${quoted(text)}`
  const from = text.lastIndexOf('\n', text.length - data.length - 1) + 1
  const [line = ''] = text.slice(from).split(/\r?\n/, 1)
  const [, reason = 'its parser stopped'] = /\((.*)\)$/.exec(message) ?? []
  return `${reason} in ${quoted(line)}`
}
