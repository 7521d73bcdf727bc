import type { Dispatcher } from 'undici'
import { type Connection, untapped } from '../connect/connection.ts'
import { createSender } from '../connect/undici_sender.ts'
import { type Failure, failures, isFailure } from '../failure.ts'
import type { Stopwatch } from '../stopwatch.ts'
import type { Answer, ReceivedAnswer } from './answer.ts'
import { remarkOn } from './answer_head.ts'
import { exchangeFailure } from './exchange_failure.ts'
import { noBytesYet, type ReceivedBytes, takePiece } from './received_bytes.ts'
import type { WrittenRequest } from './request.ts'

/**
 * Sends one request on a connection and puts its answer together in `answer`: phase `request` runs until the last byte
 * is handed to the network, `wait` until the first byte of the final status line, `transfer` until the last byte of
 * the body. A head that never completes is no answer, so its time is all `wait`. `done` is called once; the socket is
 * destroyed by then unless it can carry another request.
 */
export type Exchange = (
  connection: Connection,
  request: WrittenRequest,
  answer: ReceivedAnswer,
  watch: Stopwatch,
  done: (result: Answer | Failure) => void,
) => void

/** One request and its answer, under way. */
interface Course {
  readonly connection: Connection
  readonly answer: ReceivedAnswer
  readonly watch: Stopwatch
  readonly bytes: ReceivedBytes
  /** The last byte of the request was handed to the network. */
  sent: boolean
  /** Something came after the end of the answer. */
  followed: boolean
  over: boolean
  readonly done: (result: Answer | Failure) => void
}

/** An exchange over HTTP/1.1, by undici's dispatch layer. */
export const exchange: Exchange = (connection, request, answer, watch, done) => {
  const bytes = noBytesYet(request.method)
  const course: Course = { connection, answer, watch, bytes, sent: false, followed: false, over: false, done }
  connection.asked = false
  connection.tap = {
    read(piece, atMs) {
      const taken = takeSafely(course, piece, atMs)
      if (!isFailure(taken)) return taken
      finish(course, taken)
      return undefined
    },
    putBack(rest) {
      course.followed = /[^\r\n]/.test(rest.toString('latin1'))
    },
  }
  connection.send ??= createSender(connection.socket)
  connection.send(request, handlerOf(course))
}

/** An error of ours in an event of a socket would end the whole process. */
function takeSafely({ bytes, answer }: Course, piece: Buffer, atMs: number): Buffer | Failure {
  try {
    return takePiece(bytes, answer, piece, atMs)
  } catch (error) {
    return failures.internal(error)
  }
}

function finish(course: Course, result: Answer | Failure): void {
  if (course.over) return
  course.over = true
  course.watch.stop()
  course.connection.tap = untapped
  // An answer that came before the whole request was sent leaves the rest of it on the connection; one with both
  // framings must not be followed by another (RFC 9112, section 6.1).
  if (isFailure(result) || result.tooLarge || !course.sent || course.bytes.head?.length !== undefined)
    course.connection.socket.destroy()
  course.done(result)
}

/** What undici calls as the exchange proceeds. */
function handlerOf(course: Course): Dispatcher.DispatchHandler {
  const { connection, answer, watch, bytes } = course
  const { socket } = connection
  return {
    onRequestStart() {
      connection.asked = true
      watch.enter('request')
    },
    onRequestSent() {
      if (socket.writableLength === 0) onFlushed(course)
      // An empty write is over when everything before it is.
      else socket.write('', (error) => error || onFlushed(course))
    },
    onResponseStart({ rawHeaders }, status, parsed, phrase = '') {
      bytes.inHead = false
      answer.begin({
        status,
        // undici reads it as UTF-8 only, and servers in German or French still send it in an older encoding.
        statusText: phrase.includes('\ufffd') ? (bytes.head?.phrase ?? phrase) : phrase,
        version: bytes.head?.version ?? 1.1,
        encoding: String(parsed['content-encoding'] ?? ''),
        headOnly: false,
        rawHeaders: rawHeaders as Buffer[],
      })
      if (watch.phase === 'request') watch.enter('wait', bytes.headAtMs)
      watch.enter('transfer', bytes.headAtMs)
    },
    onResponseData(_, piece) {
      if (course.over || answer.add(piece)) return
      watch.stop(bytes.atMs)
      finish(course, answer)
    },
    onResponseEnd() {
      watch.stop(socket.readableEnded ? undefined : bytes.atMs)
      void withoutStacks(() => finish(course, wholeAnswer(course)))
    },
    onResponseError(_, error) {
      if (!course.over) finish(course, exchangeFailure(error, connection, answer, bytes, watch.phase))
    },
  }
}

function onFlushed(course: Course): void {
  if (course.over) return
  course.sent = true
  if (course.watch.phase === 'request') course.watch.enter('wait')
}

const usualLimit = Error.stackTraceLimit
const nextTurn = Promise.resolve()

/**
 * Runs `next` in the next microtask, with stack traces off until then: undici ends every connection with an error, and
 * its stack, which is never read, is the dearest part of a probe.
 */
async function withoutStacks(next: () => void): Promise<void> {
  Error.stackTraceLimit = 0
  await nextTurn
  Error.stackTraceLimit = usualLimit
  next()
}

/** The answer that has ended; only undici could see that something follows it, or that a reset cut it off. */
function wholeAnswer({ connection, answer, bytes, watch, followed }: Course): Answer | Failure {
  const { errored } = connection.socket as { errored?: NodeJS.ErrnoException | null }
  if (followed || errored?.message === 'bad response') return failures.protocol('more data follows its end')
  if (errored && errored.code !== 'UND_ERR_INFO')
    return exchangeFailure(errored, connection, answer, bytes, watch.phase)
  const { head, chunks, remarks } = bytes
  if (chunks && head?.length !== undefined && head.length !== answer.bodyBytes)
    return failures.protocol(
      `its Content-Length is ${head.length}, and its chunks hold ${answer.bodyBytes} bytes`,
    )
  answer.remark = remarkOn(remarks)
  return answer
}
