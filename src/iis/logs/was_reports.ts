/** What WAS wrote in a file or in a request: events in XML, of one computer or several. */
import type { EndReason } from '../../model/workers.ts'
import type { ReadBytes } from '../read/document.ts'
import { kindOfLog } from './log_kind.ts'
import { headOf } from './log_lines.ts'
import { readEvents } from './windows_events.ts'
import { type WorkerEvent, workerEventOf } from './worker_events.ts'

/** Of one computer. */
export interface WasEvents {
  /** As its events name it. */
  readonly computer: string
  /** Those by which a worker process ended. */
  readonly ends: readonly (WorkerEvent & { readonly reason: EndReason })[]
  /** All events of WAS, by the clock of the computer, wall milliseconds. */
  readonly firstMs: number
  readonly lastMs: number
}

/** What there is, or a clause that says why nothing can be read. */
export type WasReading = { readonly computers: readonly WasEvents[] } | { readonly why: string }

/** Longer names no computer has. */
const longestName = 255

/** Reads all of it or, where something is wrong with it, nothing. Never rejects. */
async function readWasEvents(bytes: Uint8Array): Promise<WasReading> {
  const whole = async function* () {
    yield bytes
  }
  const head = await headOf(whole())
  const kind = kindOfLog(head)
  if ('why' in kind) return kind
  if (kind.kind !== 'events' || !head.trimStart().startsWith('<'))
    return { why: 'it has no events of Windows in XML' }
  const known = new Map<string, WasEvents & { ends: WasEvents['ends'][number][] }>()
  try {
    await readEvents(whole(), { file: '', isXml: true }, (event) => {
      const { provider, atMs } = event
      const computer = event.computer.slice(0, longestName)
      if (!/(^|-)WAS$/i.test(provider) || Number.isNaN(atMs)) return
      const { ends = [], firstMs = atMs, lastMs = atMs } = known.get(computer) ?? {}
      const process = /^\d{1,10}$/.test(event.process) ? event.process : ''
      const { reason, ...rest } = workerEventOf({ ...event, computer, process }) ?? {}
      if (reason !== undefined) ends.push({ ...(rest as WorkerEvent), reason })
      const [from, to] = [Math.min(firstMs, atMs), Math.max(lastMs, atMs)]
      known.set(computer, { computer, ends, firstMs: from, lastMs: to })
    })
  } catch (error) {
    return { why: `it is ${(error as Error).message}` }
  }
  return { computers: [...known.values()] }
}

/** Reads a file of them. Never rejects. */
export async function readWasFile(path: string, read: ReadBytes): Promise<WasReading> {
  const file = await read(path)
  return 'bytes' in file ? readWasEvents(file.bytes) : file
}
