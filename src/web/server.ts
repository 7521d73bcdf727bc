/** The web interface on a socket. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type AppOptions, createApp } from './app.ts'
import { securityHeaders } from './security_headers.ts'
import { hostPort } from './targets_view.ts'

export interface WebOptions extends AppOptions {
  /** The address to listen on, such as `0.0.0.0` or `::1`. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface Web {
  /** Where it can be reached from this machine, such as `http://127.0.0.1:9502`. */
  readonly url: string
  readonly port: number
  /** Stops listening and ends every connection at once, busy ones too. */
  close(): Promise<void>
}

/** The address cannot be had; the message says why and what to do. */
export class CannotListen extends Error {}

/** What a client may take its time for, in milliseconds, and send, in bytes. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5000,
  // Longer than the usual scrape interval, so that scrapes reuse their connection.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16 * 1024,
  // The adapter refuses a request without a host, with our headers.
  requireHostHeader: false,
}

/** A client that takes nothing of an answer for so long, in milliseconds, is dropped. */
const stalledMs = 120_000

/**
 * Listens, and answers from the ports.
 * @throws CannotListen
 */
export async function startWeb(options: WebOptions): Promise<Web> {
  const app = createApp(options)
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer(limits, (request, response) => {
    // Here as well as in the app, for what the adapter refuses before the app sees it.
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    void listener(request, response)
  })
  server.setTimeout(stalledMs)
  server.on('clientError', refuse)
  await listen(server, options.host, options.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${hostPort({ host: reachable(options.host), port })}`,
    port,
    close() {
      options.ports.live.broadcast.close()
      return close(server)
    },
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = (code !== undefined && refusals[code]) || String(error)
    throw new CannotListen(`cannot listen on ${hostPort({ host, port })} (web.listen): ${why}`, {
      cause: error,
    })
  }
}

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address; 0.0.0.0 stands for all it has',
  EACCES: 'ports below 1024 need a privilege; choose a higher one, such as 9502',
  ENOTFOUND: 'the name does not resolve; give an address, such as 0.0.0.0',
}

/** An address that stands for all of them is reached by the loopback one. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** What is not HTTP never reaches the app. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const status = refusedStatus(error.code)
  const headers = Object.entries({ ...securityHeaders, Connection: 'close', 'Content-Length': '0' })
  socket.end(`HTTP/1.1 ${status}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
}

function refusedStatus(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
}
