import type { Clock } from '../../runtime/clock.ts'
import type { Connection } from '../connect/connection.ts'
import { type Failure, failures, isFailure, socketFailure } from '../failure.ts'
import type { Stopwatch } from '../stopwatch.ts'
import { type Answer, type ReceivedAnswer, valuesOf } from './answer.ts'
import { remarkOn } from './answer_head.ts'
import { isWhole, noBytesYet, type ReceivedBytes, takePiece } from './received_bytes.ts'
import { headOf, type WrittenRequest } from './request.ts'

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
  time: { readonly watch: Stopwatch; readonly clock: Clock },
  done: (result: Answer | Failure) => void,
) => void

/** An exchange over HTTP/1.1. */
export const exchange: Exchange = (connection, request, answer, { watch, clock }, done) => {
  const { socket, address, early } = connection
  const bytes = noBytesYet(request.method)
  let sent = false
  let over = false

  const finish = (result: Answer | Failure, atMs?: number) => {
    if (over) return
    over = true
    watch.stop(atMs)
    connection.tap = undefined
    // An answer that came before the whole request was sent leaves the rest of it on the connection; one with both
    // framings must not be followed by another (RFC 9112, section 6.1).
    const isMixed = bytes.head?.chunked === true && bytes.head.length !== undefined
    const isLast = request.reset || isFailure(result) || result.tooLarge || !sent || isMixed
    const openMs = isLast ? 0 : keptOpenMs(bytes, answer)
    connection.openUntilMs = clock.monotonicMs() + openMs
    if (openMs <= 0) socket.destroy()
    done(result)
  }
  const onFlushed = () => {
    if (over) return
    sent = true
    if (watch.phase === 'request') watch.enter('wait')
  }
  const take = (piece: Buffer, atMs: number) => {
    const problem = takePiece(bytes, answer, piece, atMs)
    if (answer.begun && watch.phase !== 'transfer') {
      if (watch.phase === 'request') watch.enter('wait', bytes.headAtMs)
      watch.enter('transfer', bytes.headAtMs)
    }
    if (problem) finish(problem, atMs)
    else if (answer.tooLarge) finish(answer, atMs)
    else if (isWhole(bytes)) finish(wholeAnswer(bytes, answer), atMs)
  }

  const send = () => {
    const head = headOf(request)
    if (request.body) socket.write(Buffer.concat([Buffer.from(head, 'latin1'), request.body]))
    else socket.write(head, 'latin1')
    if (socket.writableLength === 0) onFlushed()
    // An empty write is over when everything before it is.
    else socket.write('', (error) => error || onFlushed())
  }
  /** An error of ours in an event of a socket would end the whole process. */
  const safely = (work: () => void) => {
    try {
      work()
    } catch (error) {
      finish(failures.internal(error))
    }
  }

  connection.used = true
  connection.tap = {
    read: (piece, atMs) => safely(() => take(piece, atMs)),
    end: () =>
      finish(
        bytes.left === Number.POSITIVE_INFINITY ? wholeAnswer(bytes, answer) : closed(address, answer, bytes),
      ),
    fail: (error) => finish(error ? socketFailure(error, watch.phase, address) : failures.closed(address)),
  }
  watch.enter('request')
  safely(send)
  for (const piece of early.splice(0)) connection.tap?.read(piece, clock.monotonicMs())
}

/** Why an answer that is not whole ended with the connection. */
function closed(address: string, answer: ReceivedAnswer, { inHead, head }: ReceivedBytes): Failure {
  if (!answer.begun) return inHead ? failures.closedInHead(address) : failures.closed(address)
  return failures.truncated(answer.bodyBytes, head?.chunked ? undefined : head?.length)
}

function wholeAnswer({ head, chunks, remarks }: ReceivedBytes, answer: ReceivedAnswer): Answer | Failure {
  if (chunks && head?.length !== undefined && head.length !== answer.bodyBytes)
    return failures.protocol(
      `its Content-Length is ${head.length}, and its chunks hold ${answer.bodyBytes} bytes`,
    )
  answer.remark = remarkOn(remarks)
  return answer
}

/** The peer closes an idle connection when its time is over; a request sent so long before would cross with the close. */
const closingMs = 1000

/** How long the connection of an answer stays open for another request, in milliseconds; infinity: the peer does not say. */
function keptOpenMs({ head, left }: ReceivedBytes, { headers }: ReceivedAnswer): number {
  const options = valuesOf(headers, 'connection').join().toLowerCase()
  const isKept = head?.version === 1.1 ? !/\bclose\b/.test(options) : /\bkeep-alive\b/.test(options)
  if (!isKept || left === Number.POSITIVE_INFINITY) return 0
  const [, seconds] = /timeout=(\d+)/i.exec(valuesOf(headers, 'keep-alive').join()) ?? []
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000 - closingMs
}
