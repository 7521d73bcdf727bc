/** The open connections of a server: how many each client may have, and which is closed when there are too many. */

import type { Server, Socket } from 'node:net'
import type { Clock } from '../../runtime/clock.ts'
import { greatest } from '../../runtime/extremes.ts'
import { clientOf, createClientRates } from './client_limits.ts'
import type { Request, Response } from './either_http.ts'
import type { OnRejection } from './rejection.ts'
import type { Limits } from './standard_limits.ts'

interface Connection {
  readonly socket: Socket
  readonly client: string
  /** Whether it has made a request. */
  hasAsked: boolean
  /** Requests being answered. */
  underWay: number
}

/** The same for a connection and for what is encrypted on it. */
export const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

/**
 * Limits the connections of each client and of all. When there is no room for another one, one of the client that has
 * most is closed: the oldest that never made a request, else the one that has been idle longest. So clients that
 * reconnect as soon as they are closed keep no other client out.
 * Returns what closes all connections: Node's own closeAllConnections leaves those that are in their handshake.
 */
export function limitConnections(
  server: Server,
  { connections: most, connectionsOfOne: mostOfOne, newConnections }: Limits,
  { clock, onRejection }: { readonly clock: Clock; readonly onRejection: OnRejection },
): () => void {
  const isWithinRate = createClientRates(newConnections, clock)
  // In the order in which they were opened, or became idle.
  const open = new Map<string, Connection>()
  const byClient = new Map<string, number>()
  const count = (client: string, change: 1 | -1) => {
    const now = (byClient.get(client) ?? 0) + change
    if (now === 0) byClient.delete(client)
    else byClient.set(client, now)
  }
  const forget = (key: string, connection: Connection) => {
    if (open.get(key) !== connection) return
    open.delete(key)
    count(connection.client, -1)
  }
  const closesOneFor = (own: number): boolean => {
    const mostHeld = greatest(byClient.values())
    if (own >= mostHeld) return false
    const idle = [...open].filter(
      ([, { client, underWay }]) => underWay === 0 && byClient.get(client) === mostHeld,
    )
    const [key, connection] = idle.find(([, { hasAsked }]) => !hasAsked) ?? idle[0] ?? []
    if (key === undefined || connection === undefined) return false
    forget(key, connection)
    connection.socket.destroy()
    return true
  }

  server.prependListener('connection', (socket: Socket) => {
    const client = clientOf(socket.remoteAddress)
    const own = byClient.get(client) ?? 0
    if (!isWithinRate(client) || own >= mostOfOne || (open.size >= most && !closesOneFor(own))) {
      onRejection('connections')
      socket.resetAndDestroy()
      return
    }
    const key = keyOf(socket)
    const connection: Connection = { socket, client, hasAsked: false, underWay: 0 }
    open.set(key, connection)
    count(client, 1)
    socket.once('close', () => forget(key, connection))
  })
  server.prependListener('request', ({ socket }: Request, response: Response) => {
    const key = keyOf(socket)
    const connection = open.get(key)
    if (connection === undefined) return
    connection.hasAsked = true
    connection.underWay += 1
    response.once('close', () => {
      connection.underWay -= 1
      if (open.get(key) !== connection) return
      // To the end of the order: it is idle from now on.
      open.delete(key)
      open.set(key, connection)
    })
  })
  return () => {
    for (const { socket } of open.values()) socket.destroy()
  }
}
