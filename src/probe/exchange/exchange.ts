import type { Dispatcher } from 'undici'
import { type Connection, untapped } from '../connect/connection.ts'
import { createLine } from '../connect/undici_sender.ts'
import { type Failure, failures, isFailure } from '../failure.ts'
import type { Stopwatch } from '../stopwatch.ts'
import { type Answer, type AnswerReader, createHead, reasonPhrase } from './answer.ts'
import { exchangeFailure } from './exchange_failure.ts'
import { createIntake, type Intake, takeIn } from './received_bytes.ts'
import type { WrittenRequest } from './request.ts'

/** One request and its answer, under way. */
interface Course {
  readonly connection: Connection
  readonly reader: AnswerReader
  readonly watch: Stopwatch
  readonly intake: Intake
  /** The last byte of the request was handed to the network. */
  sent: boolean
  /** Something came after the end of the answer. */
  followed: boolean
  over: boolean
  readonly done: (result: Answer | Failure) => void
}

/**
 * Has undici send one request and parse its answer: `request` runs until the last byte is handed to the network,
 * `wait` until the first byte of the final status line, `transfer` until the last byte of the body. A head that never
 * completes is no answer, so its time is all `wait`. The socket is destroyed unless it can carry another request.
 */
export function exchange(
  connection: Connection,
  request: WrittenRequest,
  reader: AnswerReader,
  watch: Stopwatch,
  done: (result: Answer | Failure) => void,
): void {
  const intake = createIntake()
  const course = { connection, reader, watch, intake, sent: false, followed: false, over: false, done }
  connection.asked = false
  connection.tap = {
    read(piece, atMs) {
      const problem = takeSafely(course, piece, atMs)
      if (problem) finish(course, problem)
      return problem === undefined
    },
    putBack(rest) {
      course.followed = /[^\r\n]/.test(rest.toString('latin1'))
    },
  }
  connection.send ??= createLine(connection.socket)
  connection.send(request, handlerOf(course))
}

/** A fault of ours, in an event of a socket, would end the whole process. */
function takeSafely({ intake, reader }: Course, piece: Buffer, atMs: number): Failure | undefined {
  try {
    return takeIn(intake, reader, piece, atMs)
  } catch (error) {
    return failures.internal(error)
  }
}

function finish(course: Course, result: Answer | Failure): void {
  if (course.over) return
  course.over = true
  course.watch.stop()
  course.connection.tap = untapped
  // An answer that came before the whole request was sent leaves the rest of it on the line.
  if (isFailure(result) || result.tooLarge || !course.sent) course.connection.socket.destroy()
  course.done(result)
}

/** What undici is to call as the exchange proceeds. */
function handlerOf(course: Course): Dispatcher.DispatchHandler {
  const { connection, reader, watch, intake } = course
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
    onResponseStarted() {
      intake.headAtMs = intake.atMs
      intake.inHead = true
    },
    onResponseStart({ rawHeaders }, status, parsed, statusText = '') {
      intake.inHead = false
      if (status < 200 && status !== 101) return
      const problem = refusal(status, String(parsed['transfer-encoding'] ?? ''))
      if (problem !== undefined) return finish(course, failures.protocol(problem))
      const encoding = String(parsed['content-encoding'] ?? '')
      const phrase = reasonPhrase(statusText, intake.piece)
      reader.begin(createHead(status, phrase, encoding, rawHeaders as Buffer[]))
      if (watch.phase === 'request') watch.enter('wait', intake.headAtMs)
      watch.enter('transfer', intake.headAtMs)
    },
    onResponseData(_, piece) {
      if (course.over || reader.add(piece)) return
      watch.stop(intake.atMs)
      finish(course, reader.answer() as Answer)
    },
    onResponseEnd() {
      watch.stop(socket.readableEnded ? undefined : intake.atMs)
      void withoutStacks(() => finish(course, wholeAnswer(course)))
    },
    onResponseError(_, error) {
      if (!course.over) finish(course, exchangeFailure(error, connection, reader, intake, watch.phase))
    },
  }
}

function onFlushed(course: Course): void {
  if (course.over) return
  course.sent = true
  if (course.watch.phase === 'request') course.watch.enter('wait')
}

/** What undici would let pass, in words. */
function refusal(status: number, codings: string): string | undefined {
  if (status === 101) return 'it switches to another protocol, which nobody asked for'
  if (codings === '' || codings.toLowerCase() === 'chunked') return undefined
  return `its Transfer-Encoding is ${JSON.stringify(codings.slice(0, 80))}, not chunked`
}

const usualLimit = Error.stackTraceLimit
const nextTurn = Promise.resolve()

/**
 * Runs `next` when undici is done with what it is doing. It ends every connection with an error, and to note the
 * stack of an error that nobody looks at is the dearest part of a probe.
 */
async function withoutStacks(next: () => void): Promise<void> {
  Error.stackTraceLimit = 0
  await nextTurn
  Error.stackTraceLimit = usualLimit
  next()
}

/** The answer that has ended; only undici could see that something follows it, or that a reset cut it off. */
function wholeAnswer({ connection, reader, intake, watch, followed }: Course): Answer | Failure {
  const { errored } = connection.socket as { errored?: NodeJS.ErrnoException | null }
  if (followed || errored?.message === 'bad response') return failures.protocol('more data follows its end')
  if (errored && errored.code !== 'UND_ERR_INFO')
    return exchangeFailure(errored, connection, reader, intake, watch.phase)
  return reader.answer() as Answer
}
