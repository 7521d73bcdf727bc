/** The entry of the thread that reads the journal. */
import type { HistoryRequests } from '../journal/read/history_thread.ts'
import { prepareCode } from '../runtime/prepare_code.ts'

prepareCode()
const { openJournalReader } = await import('../journal/read/reader.ts')
const { serveRequests } = await import('../runtime/request_thread.ts')
const { eventsText } = await import('../web/live/event_view.ts')

type Reader = ReturnType<typeof openJournalReader>

function answer({ path, name, question }: HistoryRequests['request']): HistoryRequests['reply'] {
  const damaged: string[] = []
  try {
    using reader = openJournalReader(path, (table) => void damaged.push(table))
    const found =
      name === 'eventsText'
        ? eventsText(reader.eventsOf(...(question as Parameters<Reader['eventsOf']>)))
        : (reader[name] as (...all: readonly unknown[]) => unknown)(...question)
    return { damaged, answer: found }
  } catch (thrown) {
    const { message, cause = thrown } = thrown as Error
    const { errcode, code } = cause as { errcode?: number; code?: string }
    return { damaged, error: { message, ...(errcode !== undefined && { errcode }), ...(code && { code }) } }
  }
}

serveRequests<HistoryRequests>(answer)
