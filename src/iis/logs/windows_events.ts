/** Events of Windows from a file: XML, or CSV as the Event Viewer and `Export-Csv` write it. */
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse'
import { eachLine, readableTexts } from './log_lines.ts'
import type { WindowsEvent } from './worker_events.ts'
import { createXmlEvents } from './xml_events.ts'

/** `isXml`: how the file begins. */
export async function readEvents(
  log: AsyncIterable<Uint8Array>,
  { file, isXml }: { readonly file: string; readonly isXml: boolean },
  take: (event: WindowsEvent) => void,
): Promise<void> {
  if (isXml) {
    const xml = createXmlEvents(({ data, ...event }) =>
      take({ ...event, file, pool: data['AppPoolID'] ?? '', process: data['ProcessID'] ?? '' }),
    )
    await eachLine(log, (block, from, to) => xml.line(block, from, to))
    xml.end()
    return
  }
  let columns: ReturnType<typeof columnsOf> | undefined
  await eachRow(log, (cells, line) => {
    if (columns === undefined) {
      columns = columnsOf(cells)
      if (!cells.some((cell) => /event.?id|^id$|ereignis/i.test(cell)))
        throw new Error(
          'it is CSV, but has no column of event IDs; export it from the Event Viewer or by Export-Csv',
        )
      return
    }
    const of = (column: number) => cells[column] ?? ''
    const pool = /(?:application pool|Anwendungspool)\W+([^'"”]+)['"”]/i.exec(cells.join(' '))?.[1] ?? ''
    const { computer, source, time, id } = columns
    take({
      file,
      line,
      provider: of(source),
      id: Number(of(id)),
      atMs: timeOf(of(time)),
      computer: of(computer),
      pool,
      process: '',
    })
  })
}

/** A row with a quote that is never closed would be as long as the file. */
const mostRowBytes = 1024 * 1024

interface Row {
  readonly record: readonly string[]
  /** Where it ends. */
  readonly info: { readonly lines: number }
}

/** `line`: where the row begins, from 1. */
async function eachRow(
  log: AsyncIterable<Uint8Array>,
  take: (cells: readonly string[], line: number) => void,
): Promise<void> {
  const texts = readableTexts(log)
  const { value: beginning = '' } = await texts.next()
  const [, delimiter = ','] = /^(?:"[^"]*"|[^",;\t]*)([;\t])/.exec(beginning) ?? []
  const parser = parse({
    delimiter,
    info: true,
    max_record_size: mostRowBytes,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
  })
  const whole = async function* () {
    yield beginning
    yield* texts
  }
  await pipeline(whole(), parser, async (rows: AsyncIterable<Row>) => {
    for await (const { record, info } of rows) {
      take(record, info.lines + 1 - record.join('').split('\n').length)
    }
  })
}

/** By the names of the columns; the Event Viewer, which writes them in its language, always has them in one order. */
function columnsOf(names: readonly string[]) {
  const column = (name: RegExp, otherwise: number) => {
    const at = names.findIndex((each) => name.test(each))
    return at < 0 ? otherwise : at
  }
  return {
    time: column(/date and time|timecreated|datum/i, 1),
    source: column(/provider|source|quelle/i, 2),
    id: column(/event.?id|^id$|ereignis-?id/i, 3),
    computer: column(/machinename|computer/i, -1),
  }
}

/** A time of the zone of this machine: `2026-03-03 08:14:05`, `3.3.2026 08:14:05`, `3/3/2026 8:14:05 AM` (the month first), `3/3/2026 08:14:05`. */
function timeOf(text: string): number {
  const [, a = '', , b = '', c = '', clock = '', half] =
    /^(\d{1,4})([-./])(\d{1,2})[-./](\d{1,4})[ T,]+(\d{1,2}:\d\d:\d\d)(?:\.\d+)?(?:\s*([AP])M)?/i.exec(
      text,
    ) ?? []
  const [year, month, day] = a.length === 4 ? [a, b, c] : half === undefined ? [c, b, a] : [c, a, b]
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number)
  const isAfternoon = half?.toUpperCase() === 'P'
  const hour = half === undefined ? hours : (hours % 12) + (isAfternoon ? 12 : 0)
  return new Date(Number(year), Number(month) - 1, Number(day), hour, minutes, seconds).getTime()
}
