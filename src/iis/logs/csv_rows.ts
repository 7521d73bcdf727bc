/** Rows of a CSV file, as the Event Viewer and PowerShell write them: cells in quotes may have line ends, and `""` for a quote. */

export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** A row of more lines was never closed. */
const mostLines = 2000

/** Takes lines, and hands on each row as soon as it is whole. */
export function createCsvRows(take: (row: CsvRow) => void) {
  let open = ''
  let first = 0
  return {
    line(text: string, line: number): void {
      if (open === '') first = line
      const row = open === '' ? text : `${open}\n${text}`
      const isOpen = row.split('"').length % 2 === 0
      if (isOpen && line - first > mostLines)
        throw new Error(`a quote that is opened in line ${first} is never closed`)
      open = isOpen ? row : ''
      if (!isOpen && row.trim() !== '') take({ line: first, cells: cellsOf(row) })
    },
    end(): void {
      if (open !== '')
        throw new Error(`a quote that is opened in line ${first} is never closed; the file was cut short`)
    },
  }
}

function cellsOf(row: string): string[] {
  const separator = /^(?:"(?:[^"]|"")*"|[^",;\t]*)([;\t])/.exec(row)?.[1] ?? ','
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}]*))(?:${separator}|$)`, 'gy')
  const cells: string[] = []
  for (let match = cell.exec(row); match !== null; match = cell.exec(row)) {
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim())
    if (cell.lastIndex >= row.length) break
  }
  return cells
}
