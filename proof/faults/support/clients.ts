/** Clients of a farmprobe's web server, each from an address of loopback. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { get as getTls } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { RunningFarmprobe } from '../fault.ts'

/** Asks as a client of that address and reads the whole answer; its status. */
export async function statusFrom(localAddress: string, url: string): Promise<number> {
  const ask = url.startsWith('https:') ? getTls : get
  const [response] = (await once(ask(url, { localAddress, agent: false }), 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'close')
  return response.statusCode ?? 0
}

/** Connections of our own to its web server; all are closed when the work is done. */
export async function connected(
  farmprobe: RunningFarmprobe,
  count: number,
  work: (sockets: readonly Socket[]) => Promise<void>,
) {
  const { hostname, port } = new URL(farmprobe.child.url)
  // From some addresses, as of one only so many are let in.
  const sockets = Array.from({ length: count }, (_, index) =>
    connect({ host: hostname, port: Number(port), localAddress: `127.7.0.${1 + (index % 3)}` }),
  )
  for (const socket of sockets) socket.on('error', () => {})
  try {
    await work(sockets)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}
