import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from './loopback_port.ts'

/** What a node does with every request it gets from now on. */
type Behaviour =
  | { readonly does: 'answer'; readonly status?: number; readonly body?: string }
  /** Takes the request and never answers it. */
  | { readonly does: 'stall' }
  /** Ends the connection with a TCP reset instead of an answer. */
  | { readonly does: 'reset' }
  /** Ends the connection in good order, without an answer. */
  | { readonly does: 'close' }

interface SeenRequest {
  /** Its X-Farmprobe-Id. */
  readonly id: string
  /** Monotonic milliseconds. */
  readonly atMs: number
}

/** A web server on loopback that does what the test says, and remembers every request. */
export interface ScriptedNode extends AsyncDisposable {
  readonly name: string
  /** `127.0.0.1:port` */
  readonly address: string
  readonly requests: readonly SeenRequest[]
  behave(behaviour: Behaviour): void
  /** From now on connections are refused, and those that exist are reset. */
  kill(): Promise<void>
  /**
   * Listens again, on the same port, as a new worker. With `coldMs` the worker needs that long, from its first
   * request on; requests that come meanwhile wait behind it.
   */
  restart(options?: { readonly coldMs?: number }): Promise<void>
}

/**
 * Starts a node that answers 200. Its answers say who it is in `X-Node`, and which worker gave them in `X-Worker`.
 */
export async function startScriptedNode(name: string): Promise<ScriptedNode> {
  const port = await freePort()
  const requests: SeenRequest[] = []
  let behaviour: Behaviour = { does: 'answer' }
  let worker: Worker = { number: 1, coldMs: 0 }

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    requests.push({ id: String(request.headers['x-farmprobe-id'] ?? ''), atMs: performance.now() })
    if (behaviour.does === 'reset') request.socket.resetAndDestroy()
    else if (behaviour.does === 'close') request.socket.end()
    else if (behaviour.does === 'answer') void answer(response, name, worker, behaviour.status ?? 200)
  }
  let listening = await listen(port, serve)

  return {
    name,
    address: `127.0.0.1:${port}`,
    requests,
    behave: (next) => void (behaviour = next),
    kill: () => listening.close(),
    async restart({ coldMs = 0 } = {}) {
      await listening.close()
      behaviour = { does: 'answer' }
      worker = { number: worker.number + 1, coldMs }
      listening = await listen(port, serve)
    },
    [Symbol.asyncDispose]: () => listening.close(),
  }
}

interface Worker {
  readonly number: number
  readonly coldMs: number
  /** Resolves once the worker is warm; set by its first request. */
  warm?: Promise<void>
}

async function answer(response: ServerResponse, node: string, worker: Worker, status: number): Promise<void> {
  worker.warm ??= delay(worker.coldMs)
  if (worker.coldMs > 0) await worker.warm
  const headers = { 'content-type': 'text/plain', 'x-node': node, 'x-worker': `${node}-${worker.number}` }
  response.writeHead(status, headers).end('Welcome\n')
}

async function listen(
  port: number,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer(serve)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A peer that goes away is what these tests are about.
    socket.on('error', () => {})
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.resetAndDestroy()
      await closed
    },
  }
}
