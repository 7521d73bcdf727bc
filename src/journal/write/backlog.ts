/** What waits to be written. While the disk is full it grows up to its bounds, and counts what it drops. */
import { type Minutes, mergeMinutes } from '../../history/minutes.ts'
import type { FarmEvent } from '../../model/event.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { MonitorPart } from '../file/statements.ts'
import type { Lost, Note } from '../note.ts'

const most = { events: 10_000, notes: 1000, minutes: 180, probes: 5000 } as const

interface MonitorSave {
  readonly farm: string
  readonly part: MonitorPart
  /** Called when it is written, so that what is saved goes with the events that are written along. */
  readonly take: () => unknown
}

export interface Waiting {
  readonly events: FarmEvent[]
  readonly notes: Note[]
  readonly probes: Outcome[]
  readonly minutes: Minutes
  /** By farm and part: only the newest counts. */
  readonly monitors: Map<string, MonitorSave>
}

export interface Backlog {
  waiting: Waiting
  lost: Lost
}

const nothing = (): Waiting => ({
  events: [],
  notes: [],
  probes: [],
  minutes: new Map(),
  monitors: new Map(),
})

export const createBacklog = (): Backlog => ({
  waiting: nothing(),
  lost: { events: 0, minutes: 0, probes: 0 },
})

export const isEmpty = ({ events, notes, probes, minutes, monitors }: Waiting): boolean =>
  events.length + notes.length + probes.length + minutes.size + monitors.size === 0

export function takeWaiting(backlog: Backlog): Waiting {
  const taken = backlog.waiting
  backlog.waiting = nothing()
  return taken
}

export function putBack(backlog: Backlog, taken: Waiting): void {
  const { waiting } = backlog
  backlog.waiting = {
    ...waiting,
    events: [...taken.events, ...waiting.events],
    notes: [...taken.notes, ...waiting.notes],
    probes: [...taken.probes, ...waiting.probes],
  }
  mergeMinutes(waiting.minutes, taken.minutes)
  for (const [key, save] of taken.monitors) if (!waiting.monitors.has(key)) waiting.monitors.set(key, save)
}

/** Drops the oldest beyond the bounds. */
export function dropSurplus(backlog: Backlog): void {
  const { waiting, lost } = backlog
  cut(waiting.notes, most.notes)
  backlog.lost = {
    events: lost.events + cut(waiting.events, most.events),
    minutes: lost.minutes + cutMinutes(waiting.minutes),
    probes: lost.probes + cut(waiting.probes, most.probes),
  }
}

/** What has been dropped since the last call. */
export function takeLost(backlog: Backlog): Lost {
  const { lost } = backlog
  backlog.lost = { events: 0, minutes: 0, probes: 0 }
  return lost
}

function cut(list: unknown[], length: number): number {
  const surplus = Math.max(0, list.length - length)
  list.splice(0, surplus)
  return surplus
}

function cutMinutes(minutes: Minutes): number {
  const oldest = [...minutes.keys()].sort((a, b) => a - b).slice(0, Math.max(0, minutes.size - most.minutes))
  for (const minute of oldest) minutes.delete(minute)
  return oldest.length
}
