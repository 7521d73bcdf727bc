/** Servers that do harm, and farms made of them. */
import type { Socket } from 'node:net'
import type { Play } from '../../../test/support/servers/raw_server.ts'

export interface FarmWish {
  /** Where its balancer and its one node listen. */
  readonly port: number
  readonly host?: string
  readonly scheme?: 'http' | 'https'
  readonly check?: object
  /** Further keys of the farm. */
  readonly more?: object
}

export const badIntervalMs = 50

/** What waits for the end of its time is not to wait long. */
export const impatient = { timeout: '400ms' }

/** A farm called `bad`, of a balancer and a node, probed often. */
export const badFarm = ({ port, host = '127.0.0.1', scheme = 'http', check, more }: FarmWish) => ({
  name: 'bad',
  url: `${scheme}://bad.test:${port}`,
  address: `${host}:${port}`,
  nodes: [{ name: 'web01', address: `${host}:${port}` }],
  checks: [{ name: 'home', path: '/', interval: `${badIntervalMs}ms`, timeout: '3s', ...check }],
  ...more,
})

export const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: close\r\n\r\nWelcome',
)

/** Sends one byte more of an answer to each request, and then does `next`; never the whole. */
export function afterEachByte(next: (socket: Socket) => void): Play {
  return (socket, _request, index) => {
    socket.setNoDelay(true)
    const bytes = index % answer.length
    if (bytes === 0) next(socket)
    // What was written has to have left before a reset throws away the rest.
    else socket.write(answer.subarray(0, bytes), () => setImmediate(next, socket))
  }
}

/** Sends a piece again and again for as long as the peer takes it. */
export const forever =
  (first: string, piece: string | Buffer): Play =>
  (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(piece)) {}
    }
    socket.on('drain', more)
    socket.write(first)
    more()
  }
