/** One request over HTTP/2 on a connection that is open. */
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import type { Connection } from '../probe/connect/connection.ts'
import type { AnswerReader } from '../probe/exchange/answer.ts'
import type { Header } from '../probe/exchange/header.ts'
import type { WrittenRequest } from '../probe/exchange/request.ts'
import { type Failure, failures } from '../probe/failure.ts'
import type { Stopwatch } from '../probe/stopwatch.ts'

/**
 * Sends a request and reads its answer, with the same phases as over HTTP/1.1. `done` is called once; the connection
 * is destroyed then.
 */
export function exchangeHttp2(
  connection: Connection,
  request: WrittenRequest,
  reader: AnswerReader,
  watch: Stopwatch,
  done: (result: { readonly failure: Failure | undefined; readonly headOnly: boolean }) => void,
): void {
  let over = false
  let headOnly = false
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
    done({ failure, headOnly })
  }
  const broken = ({ message }: Error) =>
    finish(failures.protocol(`HTTP/2: ${message.slice(0, longestWords)}`))
  const cutOff = () =>
    reader.begun ? failures.truncated(reader.bodyBytes, undefined) : failures.closed(connection.address)
  session.on('error', broken)
  session.on('goaway', (code) => {
    if (code !== 0) broken(new Error(`the peer went away with code ${code}`))
  })
  session.on('close', () => finish(cutOff()))
  watch.enter('request')
  const stream = begin(session, request, broken)
  if (stream === undefined) return
  stream.on('error', broken)
  stream.on('response', (_headers, flags, raw: readonly string[]) => {
    headOnly = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    if (watch.phase === 'request') watch.enter('wait')
    watch.enter('transfer')
    reader.begin(headOf(raw))
  })
  stream.on('data', (piece: Buffer) => {
    if (!reader.add(piece)) finish()
  })
  // A stream that was cut off ends, too; its code tells.
  stream.on('end', () => finish(stream.rstCode !== 0 || !reader.begun ? cutOff() : undefined))
  if (request.body === null) watch.enter('wait')
  else stream.end(request.body, () => watch.phase === 'request' && watch.enter('wait'))
}

const longestWords = 200

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
    else if (name !== 'connection') sent[name] = [...[sent[name] ?? []].flat(), value]
  }
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [
      name,
      Array.isArray(value) && value.length === 1 ? String(value[0]) : value,
    ]),
  )
}

function headOf(raw: readonly string[]) {
  const headers: Header[] = []
  let status = 0
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name, value] = [raw[at] as string, raw[at + 1] as string]
    if (name === ':status') status = Number(value)
    else headers.push([name, value])
  }
  const encoding = headers.find(([name]) => name === 'content-encoding')?.[1] ?? ''
  return { status, statusText: '', headers, encoding }
}
