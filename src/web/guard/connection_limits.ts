/** The open connections of a server: who may come in, and who has to give way. */
import type { Server, Socket } from 'node:net'
import { clientOf } from './client_of.ts'
import type { Request, Response } from './either_http.ts'
import type { OnTurnedAway } from './refused_clients.ts'
import type { Limits } from './standard_limits.ts'

interface Guest {
  readonly socket: Socket
  /** Whom it is of. */
  readonly client: string
  /** Has asked something. */
  known: boolean
  /** Answers under way. */
  busy: number
}

/** The same for a connection and for what is encrypted on it. */
const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

/**
 * Limits the connections of each client and of all. When there is no room for another one, one of the client that has
 * most gives way: that which is open longest and has never asked anything, else that which waits longest between two
 * requests. So a crowd that comes again as soon as it is thrown out keeps nobody else out.
 * Returns what ends them all: Node's own closeAllConnections knows of none that has not finished its handshake.
 */
export function limitCrowd(
  server: Server,
  { connections, connectionsOfOne }: Pick<Limits, 'connections' | 'connectionsOfOne'>,
  onTurnedAway: OnTurnedAway,
): () => void {
  // In the order in which they came, or began to wait.
  const guests = new Map<string, Guest>()
  const ofClient = new Map<string, number>()
  const count = (client: string, change: 1 | -1) => {
    const now = (ofClient.get(client) ?? 0) + change
    if (now === 0) ofClient.delete(client)
    else ofClient.set(client, now)
  }
  const leave = (key: string, guest: Guest) => {
    if (guests.get(key) !== guest) return
    guests.delete(key)
    count(guest.client, -1)
  }
  const makesRoomFor = (own: number): boolean => {
    const most = Math.max(...ofClient.values())
    if (own >= most) return false
    const waiting = [...guests].filter(([, { client, busy }]) => busy === 0 && ofClient.get(client) === most)
    const [key, guest] = waiting.find(([, { known }]) => !known) ?? waiting[0] ?? []
    if (key === undefined || guest === undefined) return false
    leave(key, guest)
    guest.socket.destroy()
    return true
  }

  server.prependListener('connection', (socket: Socket) => {
    const client = clientOf(socket.remoteAddress)
    const own = ofClient.get(client) ?? 0
    if (own >= connectionsOfOne || (guests.size >= connections && !makesRoomFor(own))) {
      onTurnedAway('connections')
      socket.resetAndDestroy()
      return
    }
    const key = keyOf(socket)
    const guest: Guest = { socket, client, known: false, busy: 0 }
    guests.set(key, guest)
    count(client, 1)
    socket.once('close', () => leave(key, guest))
  })
  server.prependListener('request', ({ socket }: Request, response: Response) => {
    const key = keyOf(socket)
    const guest = guests.get(key)
    if (guest === undefined) return
    guest.known = true
    guest.busy += 1
    response.once('close', () => {
      guest.busy -= 1
      // To the end of the line: it waits from now on.
      if (guests.delete(key)) guests.set(key, guest)
    })
  })
  return () => {
    for (const { socket } of guests.values()) socket.destroy()
  }
}
