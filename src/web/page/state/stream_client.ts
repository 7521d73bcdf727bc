/** The stream of probes and events. The browser reconnects by itself and asks for what follows the last batch it has. */
import type { Batch } from './api_client.ts'
import { after, now } from './server_clock.ts'

/** How long to wait after the server refused a connection, which ends the browser's own attempts. */
const reconnectMs = 5000
/** The server sends something every 5 s. A network that fails closes no connection: silence is all there is to notice. */
const silentMs = 12_000

const listeners = new Set<(batch: Batch) => void>()

/** Calls `listener` with every batch from now on. Returns how to stop. */
export function onBatch(listener: (batch: Batch) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export type Connection = 'connecting' | 'live' | 'lost'

interface StreamEvents {
  /** Everything has to be read again; the page is live once it has been. */
  readonly onStart: () => Promise<void>
  readonly onLive: () => void
  /** `lastSignMs`: when the server was last heard, wall milliseconds. */
  readonly onLost: (lastSignMs: number) => void
}

let reconnect: () => void = () => undefined

/** Connects at once, without waiting for the next attempt. */
export const connectNow = (): void => reconnect()

/** Connects, as long as the page is open. */
export function connect(events: StreamEvents): void {
  const source = new EventSource('api/v1/stream')
  let lastSignMs = now()
  let isReading = false
  let isOver = false
  const again = () => {
    if (isOver) return
    isOver = true
    stopWaiting()
    source.close()
    connect(events)
  }
  const lose = () => events.onLost(lastSignMs)
  const becomeSilent = () => {
    lose()
    again()
  }
  let stopWaiting = after(silentMs, becomeSilent)
  const hear = () => {
    if (isOver) return
    stopWaiting()
    stopWaiting = after(silentMs, becomeSilent)
    if (!isReading) events.onLive()
    lastSignMs = now()
  }
  reconnect = again
  source.addEventListener('start', () => {
    isReading = true
    void events.onStart().then(() => {
      isReading = false
      hear()
    })
  })
  source.addEventListener('beat', hear)
  source.addEventListener('batch', ({ data }) => {
    hear()
    const batch: Batch = JSON.parse(data)
    for (const listener of listeners) listener(batch)
  })
  source.addEventListener('error', () => {
    if (isOver) return
    lose()
    stopWaiting()
    if (source.readyState === EventSource.CLOSED) stopWaiting = after(reconnectMs, again)
  })
  addEventListener('pagehide', () => source.close(), { once: true })
}
