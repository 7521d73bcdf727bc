import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createSecureServer, type SecureServerOptions } from 'node:http2'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export type Serve = (request: IncomingMessage, response: ServerResponse, body: string) => void

export interface HttpServer extends AsyncDisposable {
  readonly port: number
  /** The path of every request, in order. */
  readonly asked: readonly string[]
}

interface HttpServerOptions {
  readonly tls?: SecureServerOptions
  /** Over TLS, offer HTTP/2 too. */
  readonly http2?: boolean
  readonly host?: string
  /** Absent: any free port. */
  readonly port?: number
}

/** A web server on loopback that answers whole requests by a function. */
export async function startHttpServer(
  serve: Serve,
  { tls, http2 = false, host = '127.0.0.1', port = 0 }: HttpServerOptions = {},
): Promise<HttpServer> {
  const asked: string[] = []
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      asked.push(request.url ?? '')
      serve(request, response, Buffer.concat(pieces).toString())
    })
  }
  const server =
    tls === undefined
      ? createServer(listener)
      : http2
        ? createSecureServer({ ...tls, allowHTTP1: true }, listener as never)
        : createSecure(tls, listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('sessionError', () => {})
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
