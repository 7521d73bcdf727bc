/** Clients that do what no decent client does, over raw sockets on loopback. */
import { connect, type Socket } from 'node:net'

export interface RudeClient {
  readonly socket: Socket
  /** All that was received so far, as text. */
  received(): string
  /** Resolves when the other side has ended the connection, or reset it. */
  readonly ended: Promise<void>
}

/** Connects from an address of loopback; resolves when connected, or refused. */
export async function rudeClient(port: number, from = '127.0.0.1'): Promise<RudeClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  let text = ''
  socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')))
  socket.on('error', () => undefined)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const { promise: open, resolve } = Promise.withResolvers<void>()
  socket.on('close', () => end())
  socket.on('connect', () => resolve())
  await Promise.race([open, ended])
  return { socket, received: () => text, ended }
}

/** A request as bytes. */
export function requestBytes(path: string, headers: readonly string[] = [], method = 'GET'): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`
}
