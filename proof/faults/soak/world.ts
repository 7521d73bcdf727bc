/** Farms on loopback addresses: balancers, and nodes that recycle, fail and recover. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Random } from '../../../src/runtime/random.ts'
import { freePort } from '../../../test/support/servers/loopback_port.ts'

interface Node {
  worker: number
  /** How long the first request to this worker takes; 0 after it. */
  coldMs: number
  broken: boolean
}

export interface World extends AsyncDisposable {
  readonly port: number
  /** A node's worker ends; the first request to its next one is slow. */
  recycle(address: string): void
  breakFor(address: string, ms: number): void
  /** All targets at once, the balancers too. */
  breakAll(isBroken: boolean): void
}

/** The balancer of each farm is at .1 of its net; its nodes are above. */
export const balancerOf = (farm: number) => `127.4.${farm}.1`
export const nodeOf = (farm: number, node: number) => `127.4.${farm}.${node + 2}`

const isBalancer = (address: string) => address.endsWith('.1')

export async function startWorld(random: Random): Promise<World> {
  const nodes = new Map<string, Node>()
  const timers = new Set<NodeJS.Timeout>()
  let allBroken = false
  let workers = 0

  const at = (address: string): Node => {
    const known = nodes.get(address)
    if (known !== undefined) return known
    const node = { worker: workers++, coldMs: 0, broken: false }
    nodes.set(address, node)
    return node
  }
  const later = (ms: number, work: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      work()
    }, ms)
    timers.add(timer)
  }
  const answer = (socket: Socket, address: string) => {
    if (allBroken) return void socket.resetAndDestroy()
    if (!isBalancer(address)) return answerAsNode(socket, at(address))
    const farm = address.split('.')[2] ?? ''
    const own = [...nodes].filter(([each]) => each.startsWith(`127.4.${farm}.`) && !isBalancer(each))
    const [name = '', node] = own[Math.floor(random() * own.length)] ?? []
    if (node?.broken) socket.end(page('502 Bad Gateway', `X-Node: ${name}\r\n`))
    else later(2 + 4 * random(), () => socket.end(page('200 OK', `X-Node: ${name}\r\n`)))
  }
  const answerAsNode = (socket: Socket, node: Node) => {
    if (node.broken) return void socket.resetAndDestroy()
    const ms = node.coldMs + 1 + 3 * random()
    node.coldMs = 0
    later(ms, () => socket.end(page('200 OK', `X-Worker: w${node.worker}\r\n`)))
  }

  const port = await freePort()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    socket.once('data', () => answer(socket, socket.localAddress ?? ''))
  })
  server.listen({ port, host: '0.0.0.0', backlog: 4096 })
  await once(server, 'listening')
  return {
    port,
    recycle(address) {
      Object.assign(at(address), { worker: workers++, coldMs: 200 + 500 * random() })
    },
    breakFor(address, ms) {
      at(address).broken = true
      later(ms, () => {
        at(address).broken = false
      })
    },
    breakAll(isBroken) {
      allBroken = isBroken
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer)
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

const body = '<h1>Welcome</h1>'

const page = (status: string, headers: string) =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\n${headers}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
