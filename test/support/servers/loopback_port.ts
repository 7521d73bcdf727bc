import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Below the range that the kernel gives to outgoing connections, and above what services listen on. */
const lowest = 20_000
const highest = 32_000

const given = new Set<number>()

/**
 * A port of 127.0.0.1 on which nothing listens, for servers that must be told their port or come back on it.
 * Port 0 will not do for those: it gives ports of the outgoing range, where a probe of a killed server can take the
 * server's own port for its source and end up connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (given.has(port) || !(await canListen(port))) continue
    given.add(port)
    return port
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** Whether something accepts connections on a port of 127.0.0.1. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
