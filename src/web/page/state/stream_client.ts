/** The stream of probes and events. The browser reconnects by itself and asks for what follows the last batch it has. */
import type { Batch } from './api_client.ts'
import { after } from './server_clock.ts'

/** How long to wait after the server refused a connection, which ends the browser's own attempts. */
const reconnectMs = 5000

const listeners = new Set<(batch: Batch) => void>()

/** Calls `listener` with every batch from now on. Returns how to stop. */
export function onBatch(listener: (batch: Batch) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export type Connection = 'connecting' | 'live' | 'lost'

/** Connects, as long as the page is open. `onStart` is called when everything has to be read again. */
export function connect(onStart: () => void, onState: (state: Connection) => void): void {
  const source = new EventSource('api/v1/stream')
  source.addEventListener('start', () => onStart())
  source.addEventListener('batch', ({ data }) => {
    const batch: Batch = JSON.parse(data)
    for (const listener of listeners) listener(batch)
  })
  source.addEventListener('open', () => onState('live'))
  source.addEventListener('error', () => {
    onState('lost')
    if (source.readyState === EventSource.CLOSED) after(reconnectMs, () => connect(onStart, onState))
  })
  addEventListener('pagehide', () => source.close(), { once: true })
}
