import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../runtime/clock.ts'

/** A real HTTP server that can be refused for a while. */
export interface Listening {
  readonly port: number
  /** Whether connections are accepted; the port stays the same. */
  accept(open: boolean): void
  stop(): Promise<void>
}

/** As long as HTTP.sys keeps idle connections. */
const keepAliveMs = 120_000
/** How soon a port is tried again that another program took while it was closed. */
const tryAgainMs = 50

/** Listens on a free port of `host`. Rejects when it cannot. */
export async function listen(host: string, handle: RequestListener, clock: Clock): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: keepAliveMs }, handle)
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let open = true
  let stopped = false
  const reopen = () => {
    if (open && !stopped && !server.listening) server.listen(port, host)
  }
  server.on('error', () => void clock.after(tryAgainMs, reopen))
  return {
    port,
    accept(wanted) {
      if (wanted === open) return
      open = wanted
      if (open) reopen()
      // Requests that run already are the model's to end.
      else server.close()
    },
    async stop() {
      stopped = true
      const closed = server.listening ? once(server, 'close') : Promise.resolve()
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
