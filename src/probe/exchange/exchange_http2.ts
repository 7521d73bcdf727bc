/** An exchange over HTTP/2; only what offers it by ALPN loads this. */
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { type Failure, failures } from '../failure.ts'
import type { Header } from './answer.ts'
import { withoutBlanks } from './answer_head.ts'
import type { Exchange } from './exchange.ts'
import type { WrittenRequest } from './request.ts'

const maxWords = 200

/** One request over HTTP/2 on a connection of its own, which is destroyed by the time `done` is called. */
export const exchangeHttp2: Exchange = (connection, request, answer, { watch }, done) => {
  let over = false
  const session = connect('https://target', {
    createConnection: () => connection.socket,
    settings: { enablePush: false },
  })
  const finish = (failure?: Failure) => {
    if (over) return
    over = true
    watch.stop()
    session.destroy()
    connection.socket.destroy()
    done(failure ?? answer)
  }
  const broken = ({ message }: Error) => finish(failures.protocol(`HTTP/2: ${message.slice(0, maxWords)}`))
  const cutOff = () =>
    answer.begun ? failures.truncated(answer.bodyBytes, undefined) : failures.closed(connection.address)
  session.on('error', broken)
  session.on('goaway', (code) => {
    if (code !== 0) broken(new Error(`the peer went away with code ${code}`))
  })
  session.on('close', () => finish(cutOff()))
  watch.enter('request')
  const stream = begin(session, request, broken)
  if (stream === undefined) return
  stream.on('error', broken)
  stream.on('response', (headers, flags, rawHeaders: readonly string[]) => {
    if (watch.phase === 'request') watch.enter('wait')
    watch.enter('transfer')
    answer.begin({
      status: Number(headers[':status']),
      statusText: '',
      version: 2,
      encoding: headers['content-encoding'] ?? '',
      headOnly: (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0,
      headers: () => pairsIn(rawHeaders),
    })
  })
  stream.on('data', (piece: Buffer) => {
    if (!answer.add(piece)) finish()
  })
  // A stream that is cut off ends too; its code shows it.
  stream.on('end', () => finish(stream.rstCode !== 0 || !answer.begun ? cutOff() : undefined))
  if (request.body === null) watch.enter('wait')
  else stream.end(request.body, () => watch.phase === 'request' && watch.enter('wait'))
}

/** Names and values come in turn; the first pair is the pseudo-header with the status. */
const pairsIn = (rawHeaders: readonly string[]): Header[] =>
  rawHeaders.flatMap((name, at) =>
    at >= 2 && at % 2 === 0 ? [[name, withoutBlanks(rawHeaders[at + 1] ?? '')] as const] : [],
  )

/** Node refuses some headers by throwing; the socket must not be left open then. */
function begin(session: ClientHttp2Session, request: WrittenRequest, refused: (error: Error) => void) {
  try {
    return session.request(headersOf(request), { endStream: request.body === null })
  } catch (error) {
    refused(error as Error)
    return undefined
  }
}

function headersOf({ method, path, headers }: WrittenRequest): Record<string, string | string[]> {
  const sent: Record<string, string | string[]> = { ':method': method, ':path': path, ':scheme': 'https' }
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name, value] = [(headers[at] as string).toLowerCase(), headers[at + 1] as string]
    if (name === 'host') sent[':authority'] = value
    else if (name !== 'connection')
      sent[name] = Object.hasOwn(sent, name) ? [sent[name] ?? [], value].flat() : value
  }
  return sent
}
