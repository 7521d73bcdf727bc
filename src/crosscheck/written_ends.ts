/** What WAS wrote on a node's computer, from reports that may overlap and repeat themselves. */
import { isIP } from 'node:net'
import type { WorkerEnd } from '../model/workers.ts'
import { minuteMs } from '../runtime/duration.ts'

/** An event of WAS that a worker process ended. */
export interface WrittenEnd extends WorkerEnd {
  /** As IIS names it. */
  readonly pool: string
  /** The id of the process; empty where the event does not say it. */
  readonly process: string
}

/** Events of one computer. Its clock is `skewMs` ahead of ours, and all times here are its own. */
export interface WasReport {
  readonly computer: string
  readonly ends: readonly WrittenEnd[]
  /** WAS wrote nothing else in this time. */
  readonly covered: { readonly fromMs: number; readonly toMs: number }
  readonly skewMs: number
}

/** What became of a report. */
export interface Taken {
  /** The nodes that the computer is, and up to when WAS's events of each are known, by our clock. */
  readonly nodes: readonly { readonly farm: string; readonly target: string; readonly untilMs: number }[]
  /** Events that were not known before. */
  readonly fresh: number
}

/** More are not remembered: reports repeat the last minutes or days. What is as old as one that is forgotten is not new. */
const mostKnown = 4096
/** What WAS writes of a process within this time after the first event, as that it did not end in time, is of the same end. */
const sameEndMs = 10 * minuteMs

/** Gives of successive reports the events that are new, by our clock, and not older than `sinceMs`. */
export function createWrittenEnds(sinceMs: number) {
  let newerThanMs = sinceMs - 1
  /** When they were, by our clock. */
  const known = new Map<string, number>()
  const endedMs = new Map<string, number>()
  return (pools: readonly string[], { ends, skewMs }: WasReport): WrittenEnd[] => {
    const ours = new Set(pools.map((pool) => pool.toLowerCase()))
    const fresh = ends
      .filter(({ pool, atMs }) => ours.has(pool.toLowerCase()) && atMs - skewMs > newerThanMs)
      .toSorted((a, b) => a.atMs - b.atMs)
      .flatMap((end) => {
        const { atMs, id, pool, process } = end
        const event = `${atMs} ${id} ${process} ${pool}`
        const worker = `${process} ${pool}`
        const isKnown = known.has(event)
        const isSequel =
          process !== '' && atMs - (endedMs.get(worker) ?? Number.NEGATIVE_INFINITY) <= sameEndMs
        known.set(event, atMs - skewMs)
        if (isKnown || isSequel) return []
        remember(endedMs, worker, atMs)
        return [{ ...end, atMs: atMs - skewMs }]
      })
    const tooMany = Math.max(0, known.size - mostKnown)
    for (const [event, atMs] of [...known].toSorted(([, a], [, b]) => a - b).slice(0, tooMany)) {
      known.delete(event)
      newerThanMs = Math.max(newerThanMs, atMs)
    }
    return fresh
  }
}

function remember(all: Map<string, number>, key: string, atMs: number): void {
  all.set(key, atMs)
  const [oldest] = all.keys()
  if (all.size > mostKnown && oldest !== undefined) all.delete(oldest)
}

/** Whether a computer, as an event names it, is one of these; a name without a domain is the same in every domain. */
export const isNamed = (computer: string, names: readonly string[]): boolean =>
  names.some((name) => {
    const [a, b] = [computer.toLowerCase(), name.toLowerCase()]
    const isShort = isIP(b) === 0 && (!a.includes('.') || !b.includes('.'))
    return a === b || (isShort && a.split('.')[0] === b.split('.')[0])
  })
