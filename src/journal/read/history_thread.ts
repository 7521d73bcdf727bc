/** The journal's past, read on a thread of its own: whatever is asked, this thread goes on with its work. */
import type { Eventual, History } from '../../history/history.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { createRequestThread } from '../../runtime/request_thread.ts'
import { isDamage } from '../file/disk_error.ts'
import type { Journal } from '../journal.ts'

type Answers = Omit<History, 'kind' | 'eventSlices'>

/** What the thread answers. */
type Questions = Answers & {
  /** Their numbers in the table. */
  eventIds(...question: Parameters<History['events']>): readonly number[]
  /** As JSON, with commas between them. */
  eventsText(ids: readonly number[]): string
}
type Name = keyof Questions

export interface HistoryRequests {
  readonly request: { readonly path: string; readonly name: Name; readonly question: readonly unknown[] }
  readonly reply: {
    /** The tables of rows that could not be read. */
    readonly damaged: readonly string[]
    readonly answer?: unknown
    /** Of an error of SQLite what says whether it is damage. */
    readonly error?: { readonly message: string; readonly errcode?: number; readonly code?: string }
  }
}

interface HistoryThreadOptions {
  readonly path: string
  readonly clock: Clock
  /** The module that the thread runs: it answers by a reader of the file. */
  readonly entry: URL
  readonly journal: Pick<Journal, 'flush' | 'failed' | 'onDamage'>
  readonly log: Log
}

/** An open page asks every half a minute. */
const idleMs = 90_000

/** So many events are about 20 kB. */
const slice = 50

/** What cannot be read is answered with nothing. */
export function startHistoryThread({ path, clock, entry, journal, log }: HistoryThreadOptions) {
  const thread = createRequestThread<HistoryRequests>({
    entry,
    name: 'history',
    idle: { clock, ms: idleMs },
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 },
  })

  async function ask<N extends Name>(
    name: N,
    otherwise: ReturnType<Questions[N]>,
    question: Parameters<Questions[N]>,
  ): Promise<ReturnType<Questions[N]>> {
    if (name !== 'eventsText') journal.flush()
    try {
      const { damaged, answer, error } = await thread.ask({ path, name, question })
      for (const table of damaged) journal.onDamage(table)
      if (error === undefined) return answer as ReturnType<Questions[N]>
      if (isDamage(error)) journal.failed(error)
      else log.warn({ self: 'journal', journal: path }, `the journal cannot be read: ${error.message}`)
    } catch (error) {
      // The thread ended: for lack of memory, or because the process ends.
      log.warn({ self: 'journal', journal: path }, `reading the journal: ${(error as Error).message}`)
    }
    return otherwise
  }
  async function* slicesOf(ids: readonly number[]): AsyncGenerator<string> {
    for (let at = 0; at < ids.length; at += slice) {
      const text = await ask('eventsText', '', [ids.slice(at, at + slice)])
      if (text !== '') yield text
    }
  }
  const history: Eventual<Required<History>> = {
    kind: 'journal',
    oldestMs: () => ask('oldestMs', Number.POSITIVE_INFINITY, []),
    events: (...question) => ask('events', [], question),
    async eventSlices(...question) {
      const ids = await ask('eventIds', [], question)
      return { count: ids.length, slices: slicesOf(ids) }
    },
    incidents: (...question) => ask('incidents', [], question),
    incident: (...question) => ask('incident', undefined, question),
    steps: (...question) => ask('steps', [], question),
    strips: (...question) => ask('strips', [], question),
    failures: (...question) => ask('failures', [], question),
    marks: (...question) => ask('marks', [], question),
    blind: (...question) => ask('blind', [], question),
  }
  return { ...history, close: thread.close }
}
