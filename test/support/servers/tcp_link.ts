import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from './loopback_port.ts'

/** A way to a server, of which only those know who are given its address; a test can cut it and mend it. */
export interface TcpLink extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string
  /** Resets what goes over it, and refuses what comes. */
  cut(): Promise<void>
  mend(): Promise<void>
}

/** `to`: `ip:port`. */
export async function startTcpLink(to: string): Promise<TcpLink> {
  const [host = '', toPort] = to.split(':')
  const port = await freePort()
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    return socket.once('close', () => sockets.delete(socket))
  }
  let server: Server | undefined
  const mend = async () => {
    server = createServer((near) => {
      const far = keep(connect(Number(toPort), host))
      keep(near).pipe(far).pipe(near)
      near.once('close', () => far.destroy())
      far.once('close', () => near.destroy())
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const cut = async () => {
    const closed = server?.listening ? once(server, 'close') : undefined
    server?.close()
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  await mend()
  return { address: `127.0.0.1:${port}`, cut, mend, [Symbol.asyncDispose]: cut }
}
