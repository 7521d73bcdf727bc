import type { HttpBindings } from '@hono/node-server'
import type { Broadcast, Listener } from '../live/broadcast.ts'
import type { Route } from './route.ts'

/** Pages that can be open at once; each costs a connection and, when it is slow, memory. */
const mostListeners = 200
/** A client that is this far behind is dropped: it reconnects, and is sent what it missed. */
const mostBehindBytes = 1024 * 1024

/**
 * What happens, as server-sent events. It continues after the event whose id is in Last-Event-ID as long as that is
 * remembered, and otherwise begins with `start`, after which a client reads the state anew.
 */
export const streamApi: Route = {
  method: 'get',
  path: '/api/v1/stream',
  summary: 'What happens, as server-sent events, at most four a second.',
  description:
    'Events `start` (read the state anew), `batch` (what happened since the last) and, every 5 s, `beat`. Send the last id seen as Last-Event-ID to get what was missed; browsers do. A client that reads too slowly is dropped.',
  parameters: {},
  status: 200,
  schema: 'batch',
  isStream: true,
  respond(c, { ports }) {
    const { broadcast } = ports.live
    const headers = { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' }
    if (c.req.method === 'HEAD') return c.body(null, 200, headers)
    if (broadcast.count() >= mostListeners)
      return c.json({ error: `${mostListeners} pages are open already: close some` }, 503, {
        'Retry-After': '10',
      })
    const drop = () => void (c.env as Partial<HttpBindings> | undefined)?.outgoing?.destroy()
    return c.body(eventStream(broadcast, c.req.header('Last-Event-ID'), drop), 200, headers)
  },
}

function eventStream(broadcast: Broadcast, lastId: string | undefined, drop: () => void) {
  let leave: (() => void) | undefined
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const listener = listenerOf(controller, drop)
        listener.send('retry: 1000\n\n')
        leave = broadcast.join(listener, lastId)
      },
      cancel: () => leave?.(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: mostBehindBytes }),
  )
}

function listenerOf(controller: ReadableStreamDefaultController<Uint8Array>, drop: () => void): Listener {
  const encoder = new TextEncoder()
  return {
    send(text) {
      const isTaking = (controller.desiredSize ?? 0) > 0
      if (isTaking) controller.enqueue(encoder.encode(text))
      else drop()
      return isTaking
    },
  }
}
