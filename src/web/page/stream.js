/** What happens, as it happens: the browser comes back by itself and says what it has seen. */
import { after } from './clock.js'

/** How long to wait when the server refused, which ends the browser's own attempts. */
const againMs = 5000

/**
 * Listens for good. `onBatch` gets what happened; `onStart` is called when the state is to be read anew; `onState`
 * gets `live` or `lost`.
 */
export function listen({ onBatch, onStart, onState }) {
  const source = new EventSource('/api/v1/stream')
  source.addEventListener('start', () => onStart())
  source.addEventListener('batch', (message) => onBatch(JSON.parse(message.data)))
  source.addEventListener('open', () => onState('live'))
  source.addEventListener('error', () => {
    onState('lost')
    if (source.readyState === EventSource.CLOSED) after(againMs, () => listen({ onBatch, onStart, onState }))
  })
  addEventListener('pagehide', () => source.close(), { once: true })
}
