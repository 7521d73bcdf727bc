/** Events of Windows from a file: XML, or CSV as the Event Viewer and `Export-Csv` write it. */
import { eachLine } from './log_lines.ts'
import type { WindowsEvent } from './worker_events.ts'
import { createXmlEvents } from './xml_events.ts'

export async function readEvents(
  log: AsyncIterable<Uint8Array>,
  file: string,
  take: (event: WindowsEvent) => void,
): Promise<void> {
  const xml = createXmlEvents(({ data, ...event }) => take({ ...event, file, pool: poolOf(data) }))
  await eachLine(log, (block, from, to) => xml.line(block, from, to))
  xml.end()
}

const poolOf = (data: Readonly<Record<string, string>>): string => data['AppPoolID'] ?? data['AppPool'] ?? ''
