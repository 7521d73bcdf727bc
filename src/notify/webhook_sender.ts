import type { Webhook } from '../model/receiver.ts'
import { hourMs } from '../runtime/duration.ts'
import type { Announcement } from './announcements.ts'
import type { PostJson } from './post_json.ts'
import { type Around, createSendLoop } from './send_loop.ts'
import { webhookBody } from './webhook_formats.ts'

/** More messages than this do not wait; the oldest is dropped. */
const mostWaiting = 100
/** A message that could not be sent for so long is dropped: nobody waits for it any more. */
const longestMs = hourMs

export interface Waiting {
  readonly announcement: Announcement
  /** Monotonic. */
  readonly sinceMs: number
}

/** Tells one webhook what it wants to know. */
export function startWebhookSender(webhook: Webhook, post: PostJson, around: Around) {
  const { name, format, on, impacts } = webhook
  const { clock, count, links, setQueue } = around
  let waiting: readonly Waiting[] = []
  const drop = () => {
    waiting = waiting.slice(1)
    count(name, 'dropped')
  }
  const next = () => {
    while (waiting[0] !== undefined && clock.monotonicMs() - waiting[0].sinceMs > longestMs) drop()
    setQueue(name, waiting.length)
    const [first] = waiting
    if (first === undefined) return undefined
    const remove = () => {
      waiting = waiting.filter((each) => each !== first)
      setQueue(name, waiting.length)
    }
    return {
      json: webhookBody(format, first.announcement, links),
      sent: remove,
      refused() {
        remove()
        count(name, 'dropped')
      },
    }
  }
  const loop = createSendLoop(name, post, next, around)
  function wait(all: readonly Waiting[]): void {
    waiting = all
    while (waiting.length > mostWaiting) drop()
    setQueue(name, waiting.length)
    loop.wake()
  }
  return {
    announce(announcement: Announcement): void {
      const { occasion, incident } = announcement
      if (!on.includes(occasion) || !impacts.includes(incident.impact)) return
      // The end of an incident says all that its beginning would have said.
      const others = waiting.filter((each) => each.announcement.incident.id !== incident.id)
      wait([...others, { announcement, sinceMs: clock.monotonicMs() }])
    },
    /** Goes on with what another one could not send. */
    takeOver: (before: readonly Waiting[]) => wait([...before, ...waiting]),
    /** Ends it; gives what could not be sent. */
    async stop(): Promise<readonly Waiting[]> {
      await loop.stop()
      return waiting
    },
  }
}
