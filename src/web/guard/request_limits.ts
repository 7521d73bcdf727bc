/** How many requests are answered at once: of each client and of all, by what they ask for, and on each connection. */
import type { Socket } from 'node:net'
import { clientOf, createConcurrencyLimit } from './client_limits.ts'
import type { Request } from './either_http.ts'
import type { Rejection } from './rejection.ts'

/** Each request counts until its answer has been made, and been taken or given up by its client. */
const places = {
  scrapes: { most: 40, mostOfOne: 8 },
  streams: { most: 200, mostOfOne: 50 },
  // One Prometheus may ask for many targets at once; `blackbox.max_in_flight` limits what is under way.
  probes: { most: 1500, mostOfOne: 1000 },
  answers: { most: 40, mostOfOne: 16 },
  pages: { most: 400, mostOfOne: 100 },
} as const

type Kind = keyof typeof places

/** On one connection of HTTP/1.1, where answers are sent in the order of the requests; no browser asks ahead at all. */
const mostPipelined = 16

/** Returns how to end the request, or why it is refused. */
export function createRequestLimits(): (request: Request) => (() => void) | Rejection {
  const limits = Object.entries(places).map(([kind, of]) => [kind, createConcurrencyLimit(of)] as const)
  const byKind = new Map(limits)
  const pipelined = new WeakMap<Socket, number>()
  return (request) => {
    const { socket } = request
    // Streams of HTTP/2 have limits of their own, and a socket each that stands for the real one.
    const before = 'stream' in request ? 0 : (pipelined.get(socket) ?? 0)
    if (before >= mostPipelined) return full('pipelined')
    const kind = kindOf(request.url ?? '')
    const end = byKind.get(kind)?.begin(clientOf(socket.remoteAddress))
    if (end === undefined) return full(kind)
    pipelined.set(socket, before + 1)
    return () => {
      end()
      pipelined.set(socket, (pipelined.get(socket) ?? 1) - 1)
    }
  }
}

function kindOf(url: string): Kind {
  const path = url.replace(/\/?(\?.*)?$/s, '')
  if (path === '/metrics') return 'scrapes'
  if (path === '/probe') return 'probes'
  if (path === '/api/v1/stream') return 'streams'
  // With thousands of targets these are a mebibyte.
  return path.startsWith('/api/') || path === '/config' || path === '/sd' ? 'answers' : 'pages'
}

const full = (what: Kind | 'pipelined'): Rejection => ({
  why: what,
  status: 503,
  headers: { 'Retry-After': '1' },
  text: `Too many ${what === 'pipelined' ? 'requests' : what} are under way; try again.\n`,
})
