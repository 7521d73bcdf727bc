/** A report for people: a page of text, coloured on a terminal. */
import { styleText } from 'node:util'
import type { Span } from '../model/past.ts'
import { formatDuration } from '../runtime/duration.ts'
import { greatest } from '../runtime/extremes.ts'
import { printable } from '../runtime/printable.ts'
import type { MarkComparison } from './before_and_after.ts'
import type { FarmFacts, TargetFacts } from './facts.ts'
import * as words from './sentences.ts'

type Paint = (colour: Parameters<typeof styleText>[0], text: string) => string

/** The report of every farm, one after the other; `coloured` for a terminal. */
export function reportText(farms: readonly FarmFacts[], span: Span, coloured: boolean): string {
  const paint: Paint = (colour, text) =>
    coloured ? styleText(colour, text, { validateStream: false }) : text
  const heading = `What happened from ${words.time(span.sinceMs)} to ${words.time(span.untilMs)} (UTC)`
  if (farms.length === 0) return `${heading}\n\nThe journal remembers nothing of that time.\n`
  return `${[heading, ...farms.map((farm) => farmText(farm, paint))].join('\n\n')}\n`
}

function farmText(farm: FarmFacts, paint: Paint): string {
  const sections: [title: string, lines: string[]][] = [
    ['users', words.users(farm).map((line) => paint(words.usersFelt(farm) ? 'red' : 'green', line))],
    ['incidents', words.incidents(farm)],
    ['errors', words.madeBy(farm)],
    ['targets', table(farm.targets)],
    ['habits', farm.targets.flatMap(({ habits }) => habits)],
    ['inside and outside', words.crosschecks(farm)],
    [
      'slowest first requests',
      farm.worst.map((moment) => `${words.time(moment.atMs)}  ${words.moment(moment)}`),
    ],
    ['before and after', farm.marks.flatMap((mark) => markLines(mark, paint))],
    ['not watched', words.blind(farm)],
  ]
  const body = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${paint('dim', title)}\n${lines.map((line) => `  ${line}`).join('\n')}`)
  return [paint('bold', `${printable(farm.farm)}: ${words.watched(farm)}`), ...body].join('\n')
}

function table(targets: readonly TargetFacts[]): string[] {
  const cells = words.columns.map(({ title, cell, isText }) => {
    const column = [title, ...targets.map(cell)]
    const width = greatest(column.map(({ length }) => length))
    return column.map((text) => (isText ? text.padEnd(width) : text.padStart(width)))
  })
  return ['', ...targets].map((_, row) =>
    cells
      .map((column) => column[row])
      .join('  ')
      .trimEnd(),
  )
}

function markLines(mark: MarkComparison, paint: Paint): string[] {
  const { before, after } = mark
  const held = `${formatDuration(before.watchedMs)} before, ${formatDuration(after.watchedMs)} after`
  return [
    `${words.time(mark.atMs)}  ${paint('bold', words.markSentence(mark))}`,
    ...words.changes(mark).map((line) => `    ${line}`),
    `    (${mark.node ?? 'the whole farm'}; ${held})`,
  ]
}
