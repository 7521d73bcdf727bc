/**
 * Tells Alertmanagers and webhooks of incidents. It runs on the main thread, where nothing is timed. What goes on is read
 * from the monitors each second, so that nothing depends on an event that came before a restart or a reload.
 */
import { isDeepStrictEqual } from 'node:util'
import type { FarmEvent } from '../model/event.ts'
import type { Incident } from '../model/incident.ts'
import type { Receiver } from '../model/receiver.ts'
import type { Cancel } from '../runtime/clock.ts'
import { createAlertBoard } from './alert_board.ts'
import { startAlertmanagerSender } from './alertmanager_sender.ts'
import { type Announcement, createAnnouncer } from './announcements.ts'
import { postingTo } from './post_json.ts'
import type { Around } from './send_loop.ts'
import { startWebhookSender, type Waiting } from './webhook_sender.ts'

interface Sender {
  readonly receiver: Receiver
  announce(announcement: Announcement): void
  wake(): void
  takeOver(waiting: readonly Waiting[]): void
  stop(): Promise<readonly Waiting[]>
}

const nothing = () => undefined

interface Options extends Around {
  /** Whether a farm is in maintenance now: nothing is told of it then. */
  readonly inMaintenance: (farm: string) => boolean
}

/** A notifier without receivers yet. */
export function startNotifier({ inMaintenance, ...around }: Options) {
  const { clock } = around
  const board = createAlertBoard()
  const announcer = createAnnouncer()
  let senders: readonly Sender[] = []
  let seenChange = 0
  let cancelWake: Cancel | undefined

  function start(receiver: Receiver): Sender {
    const post = postingTo(receiver, clock)
    if (receiver.kind === 'webhook')
      return { receiver, wake: nothing, ...startWebhookSender(receiver, post, around) }
    const { wake, stop } = startAlertmanagerSender(receiver.name, post, board, around)
    wake()
    return { receiver, wake, announce: nothing, takeOver: nothing, stop: () => stop().then(() => []) }
  }
  const announce = (all: readonly Announcement[]) => {
    for (const each of all) for (const sender of senders) sender.announce(each)
  }
  /** Once for all farms that change in one turn. */
  const wakeSoon = () => {
    if (board.changes() === seenChange) return
    seenChange = board.changes()
    cancelWake ??= clock.after(0, () => {
      cancelWake = undefined
      for (const sender of senders) sender.wake()
    })
  }

  return {
    /** Exactly these are told from now on. Those whose settings stay go on; the others begin with what is open now. */
    async setReceivers(receivers: readonly Receiver[]): Promise<void> {
      const kept = senders.filter((sender) =>
        receivers.some((each) => isDeepStrictEqual(each, sender.receiver)),
      )
      const leaving = senders.filter((sender) => !kept.includes(sender))
      const names = new Set(kept.map(({ receiver }) => receiver.name))
      const added = receivers.filter(({ name }) => !names.has(name)).map(start)
      senders = [...kept, ...added]
      await Promise.all(
        leaving.map(async (each) => {
          const waiting = await each.stop()
          added.find(({ receiver }) => receiver.name === each.receiver.name)?.takeOver(waiting)
        }),
      )
    },
    /** The incidents of a farm that go on: each second. */
    follow(farm: string, open: readonly Incident[]): void {
      const silent = inMaintenance(farm)
      board.follow(farm, silent ? [] : open, clock.wallMs())
      announce(announcer.follow(farm, open, silent))
      wakeSoon()
    },
    record(event: FarmEvent): void {
      if (event.kind !== 'incident_opened' && event.kind !== 'incident_closed') return
      if (event.kind === 'incident_closed') board.closed(event.snapshot, clock.wallMs())
      announce(announcer.record(event, inMaintenance(event.farm)))
      wakeSoon()
    },
    setFarms(names: readonly string[]): void {
      board.setFarms(new Set(names), clock.wallMs())
      wakeSoon()
    },
    async stop(): Promise<void> {
      cancelWake?.()
      await Promise.all(senders.map((sender) => sender.stop()))
    },
  }
}
