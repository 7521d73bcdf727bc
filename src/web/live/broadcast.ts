/**
 * Sends what happens to every open page, in batches, as server-sent events. The newest batches are kept: a page that
 * reconnects continues where it was, and one that was disconnected for longer starts again.
 */
import { createRing } from '../../history/ring.ts'
import type { Cancel, Clock } from '../../runtime/clock.ts'
import type { Answer, EventView, MarkView } from '../api/schemas.ts'

/** Four batches a second at most: quicker than the eye, and slow enough for 200 nodes every second. */
const batchMs = 250
/** A page that hears nothing for two of these knows that its connection is lost, also where the network closes none. */
const heartbeatMs = 5000
/** Batches that can be sent again: a minute's worth. */
const keptBatches = 240
/** Probes in a batch; beyond it successes are left out, and beyond twice as many all. */
const mostProbes = 300
/** After the last page has disconnected, gathering continues this long: it may reconnect. */
const lingerMs = 60_000

type LiveProbe = Answer<'batch'>['probes'][number]

export interface Listener {
  /** False when it accepts no more, and is to be dropped. */
  send(text: string): boolean
}

interface Batch {
  probes: LiveProbe[]
  events: EventView[]
  marks: MarkView[]
  farmsChanged: boolean
}

const emptyBatch = (): Batch => ({ probes: [], events: [], marks: [], farmsChanged: false })

export type Broadcast = ReturnType<typeof createBroadcast>

/** Its timers run only while a page is open, or was just now. */
export function createBroadcast(clock: Clock) {
  /** Ids of another process mean nothing here. */
  const epoch = clock.wallMs().toString(36)
  const listeners = new Set<Listener>()
  let sent = createRing<{ readonly number: number; readonly text: string }>(keptBatches)
  let number = 0
  let waiting = emptyBatch()
  let wanted = false
  let cancelFlush: Cancel | undefined
  let cancelBeat: Cancel | undefined

  const sendAll = (text: string) => {
    for (const listener of listeners) if (!listener.send(text)) leave(listener)
  }
  const flush = () => {
    cancelFlush = undefined
    const text = message('batch', idOf(++number), waiting)
    waiting = emptyBatch()
    sent.push({ number, text })
    sendAll(text)
  }
  const beat = () => {
    cancelBeat = clock.after(heartbeatMs, beat)
    sendAll('event: beat\ndata: {}\n\n')
  }
  const forget = () => {
    cancelBeat = undefined
    wanted = false
    sent = createRing(keptBatches)
    // No page can continue from here: what came since was not gathered.
    number++
  }
  const leave = (listener: Listener) => {
    if (!listeners.delete(listener) || listeners.size > 0) return
    cancelBeat?.()
    cancelBeat = clock.after(lingerMs, forget)
  }
  const gather = (add: (batch: Batch) => void) => {
    if (!wanted) return
    add(waiting)
    cancelFlush ??= clock.after(batchMs, flush)
  }
  const idOf = (batch: number) => `${epoch}-${batch}`
  /** What came after a batch; undefined when that is not known any more. */
  const since = (id: string | undefined): string[] | undefined => {
    const last = id?.startsWith(`${epoch}-`) ? Number(id.slice(epoch.length + 1)) : Number.NaN
    const kept = sent.items()
    const next = kept[0]?.number ?? number + 1
    if (!(last >= next - 1 && last <= number)) return undefined
    return kept.filter((batch) => batch.number > last).map(({ text }) => text)
  }
  return {
    /** Whether a page is open, or was just now: only then are probes gathered. */
    isWanted: () => wanted,
    probe: (probe: LiveProbe) => gather(({ probes }) => void (hasRoom(probes, probe) && probes.push(probe))),
    event: (event: EventView) => gather(({ events }) => void events.push(event)),
    mark: (mark: MarkView) => gather(({ marks }) => void marks.push(mark)),
    farmsChanged: () => gather((batch) => void (batch.farmsChanged = true)),
    /** Sends what came after `lastId`, then everything from now on. Returns how to end it. */
    join(listener: Listener, lastId: string | undefined): () => void {
      const missed = since(lastId) ?? [message('start', idOf(number), { epoch })]
      if (!missed.every((text) => listener.send(text))) return () => undefined
      if (listeners.size === 0) {
        cancelBeat?.()
        cancelBeat = clock.after(heartbeatMs, beat)
      }
      wanted = true
      listeners.add(listener)
      return () => leave(listener)
    },
    count: () => listeners.size,
    /** Ends its timers; nothing is sent any more. */
    close(): void {
      cancelFlush?.()
      cancelBeat?.()
      wanted = false
    },
  }
}

const hasRoom = ({ length }: readonly LiveProbe[], { proof }: LiveProbe) =>
  length < (proof === 'failure' ? 2 : 1) * mostProbes

const message = (event: string, id: string, data: unknown): string =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
