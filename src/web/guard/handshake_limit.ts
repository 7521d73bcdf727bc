/** How many TLS handshakes of each client are under way at once. */
import type { Server, Socket } from 'node:net'
import { clientOf } from './client_limits.ts'
import { keyOf } from './connection_limits.ts'

/**
 * A handshake takes a millisecond of processor time, all of it in the turn of the event loop in which the client's first
 * message is read. So few of each client begin at a time; its other connections wait, unread, until one of them is done.
 */
const mostOfOne = 16

/** Returns what resolves when the handshake of a connection may begin. `server` tells when one is done. */
export function limitHandshakes(server: Server): (socket: Socket) => Promise<void> {
  const underWay = new Map<string, number>()
  const waiting = new Map<string, (() => void)[]>()
  /** By the connection, which is another object than what is encrypted on it. */
  const ends = new Map<string, () => void>()
  const change = (client: string, by: 1 | -1) => {
    const now = (underWay.get(client) ?? 0) + by
    if (now === 0) underWay.delete(client)
    else underWay.set(client, now)
  }
  const next = (client: string) => {
    const queue = waiting.get(client)
    queue?.shift()?.()
    if (queue?.length === 0) waiting.delete(client)
  }

  server.on('secureConnection', (socket: Socket) => ends.get(keyOf(socket))?.())
  return async (socket) => {
    const client = clientOf(socket.remoteAddress)
    const key = keyOf(socket)
    if ((underWay.get(client) ?? 0) >= mostOfOne)
      await new Promise<void>((begin) => {
        const queue = waiting.get(client)
        if (queue === undefined) waiting.set(client, [begin])
        else queue.push(begin)
      })
    if (socket.destroyed) return next(client)
    change(client, 1)
    const end = () => {
      if (!ends.delete(key)) return
      change(client, -1)
      next(client)
    }
    ends.set(key, end)
    socket.once('close', end)
  }
}
