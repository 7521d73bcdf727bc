import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'

/** What a raw server does once it has read a request; `index` counts requests from 0. */
export type Play = (socket: Socket, request: string, index: number) => void

export interface RawServer extends AsyncDisposable {
  readonly port: number
  /** TCP connections accepted. */
  readonly connections: number
  /** Sockets not closed yet, on the server's side. */
  readonly open: number
  /** Every request read, head and body, as latin1. */
  readonly requests: readonly string[]
  /** Resolves when the peer has closed every connection. */
  deserted(): Promise<void>
}

export interface RawOptions {
  readonly host?: string
  /** Called for each connection as soon as it is there, before any request. */
  readonly greet?: (socket: Socket) => void
  readonly tls?: TlsOptions
}

/** A server on loopback that understands requests only as far as to count them, and answers whatever bytes it likes. */
export async function startRawServer(play: Play, options: RawOptions = {}): Promise<RawServer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let empty: (() => void) | undefined

  const serve = (socket: Socket) => {
    options.greet?.(socket)
    readRequests(socket, (request) => {
      requests.push(request)
      play(socket, request, requests.length - 1)
    })
  }
  const server: Server = options.tls
    ? createTlsServer(options.tls, (socket: TLSSocket) => serve(socket.on('error', () => {})))
    : createServer(serve)
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) empty?.()
    })
  })
  server.listen(0, options.host ?? '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    requests,
    deserted: () =>
      new Promise((resolve) => {
        empty = resolve
        if (sockets.size === 0) resolve()
      }),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function readRequests(socket: Socket, onRequest: (request: string) => void): void {
  let text = ''
  let needed = -1
  socket.setEncoding('latin1')
  socket.on('data', (piece: string) => {
    text += piece
    for (;;) {
      if (needed < 0) needed = requestLength(text)
      if (needed < 0 || text.length < needed) return
      onRequest(text.slice(0, needed))
      text = text.slice(needed)
      needed = -1
    }
  })
}

/** Of the request that `text` begins with; -1 before its head is complete. */
function requestLength(text: string): number {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return -1
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, head + 2))?.[1] ?? '0'
  return head + 4 + Number(length)
}

/** A complete answer with a Content-Length, as bytes. */
export function answerBytes(
  body: string | Buffer = 'Welcome',
  headers: readonly string[] = [],
  status = '200 OK',
): Buffer {
  const content = Buffer.from(body)
  const head = [`HTTP/1.1 ${status}`, `Content-Length: ${content.length}`, ...headers].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), content])
}

/** Plays one fixed sequence of bytes and closes. */
export const say =
  (bytes: string | Buffer): Play =>
  (socket) =>
    void socket.end(bytes)

/** Plays bytes and leaves the connection open. */
export const sayAndStay =
  (bytes: string | Buffer): Play =>
  (socket) =>
    void socket.write(bytes)
