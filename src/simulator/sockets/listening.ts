import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../runtime/clock.ts'

export type Listening = Awaited<ReturnType<typeof listen>>

/** HTTP.sys keeps idle connections this long. */
const keepAliveMs = 120_000
/** How soon a port that another program took while it was closed is tried again. */
const retryMs = 50

/** A real HTTP server on a free port of `host` that can refuse connections for a while. Rejects when it cannot listen. */
export async function listen(host: string, handle: RequestListener, clock: Clock) {
  const server = createServer({ keepAliveTimeout: keepAliveMs }, handle)
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let open = true
  let stopped = false
  const reopen = () => {
    if (open && !stopped && !server.listening) server.listen(port, host)
  }
  server.on('error', () => void clock.after(retryMs, reopen))
  return {
    port,
    /** Whether connections are accepted; the port stays the same. */
    accept(wanted: boolean): void {
      if (wanted === open) return
      open = wanted
      if (open) reopen()
      // Requests that run already are the model's to end.
      else server.close()
    },
    async stop(): Promise<void> {
      stopped = true
      const closed = server.listening ? once(server, 'close') : Promise.resolve()
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
