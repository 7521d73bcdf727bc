import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** One alert in one message from Alertmanager. */
interface Told {
  /** When the message came, in wall milliseconds. */
  readonly atMs: number
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface Message {
  readonly receiver: string
  readonly alerts: readonly Omit<Told, 'atMs' | 'receiver'>[]
}

export interface Webhook extends AsyncDisposable {
  readonly url: string
  /** Everything that has been told so far. */
  readonly told: readonly Told[]
}

/** Starts the end of the chain: a server that remembers what Alertmanager tells it. */
export async function startWebhook(): Promise<Webhook> {
  const told: Told[] = []
  const server = createServer((request, response) => {
    const atMs = Date.now()
    void text(request).then((body) => {
      const { receiver, alerts } = JSON.parse(body) as Message
      for (const { status, labels, annotations } of alerts)
        told.push({ atMs, receiver, status, labels, annotations })
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
