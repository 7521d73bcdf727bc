import { type Finding, type Severity, severities } from '../iis/audit/finding.ts'
import { placeText } from '../model/place.ts'
import type { Stream } from './process_edge.ts'
import { type Colour, counted, type Paint, painter } from './terminal_text.ts'

const colours: Record<Severity, Colour> = { error: 'red', warning: 'yellow', note: 'cyan' }

/** Two screens. */
const mostLines = 120

/** How much is shown, the most first: commands of each tool, and the severities of which only one line is. */
const depths = [
  { commands: 8, brief: [] },
  { commands: 3, brief: [] },
  { commands: 1, brief: [] },
  { commands: 1, brief: ['note'] },
  { commands: 1, brief: ['note', 'warning'] },
  { commands: 1, brief: severities },
] as const satisfies readonly { commands: number; brief: readonly Severity[] }[]

type Depth = (typeof depths)[number]

/**
 * Findings for people: what to do, in which order, then each finding with its place, what it means and what corrects
 * it, in as much detail as two screens hold. JSON has all of it.
 */
export function renderFindings(findings: readonly Finding[], files: readonly string[], stream: Stream) {
  const paint = painter(stream)
  if (findings.length === 0) return `${paint('green', 'ok')}: nothing to correct in ${files.join(', ')}\n`
  const texts = depths.map((depth) =>
    [...summary(findings, paint), ...findings.map((finding) => section(finding, depth, paint))].join('\n'),
  )
  return texts.find((text) => text.split('\n').length <= mostLines) ?? texts.at(-1) ?? ''
}

/** What to do for each rule, the first thing first; nothing when it is one thing. */
function summary(findings: readonly Finding[], paint: Paint): string[] {
  const byRule = [...Map.groupBy(findings, ({ rule }) => rule)]
  if (byRule.length === 1) return []
  const lines = byRule.map(([{ id, todo, severity }, own], index) => {
    const things = own.reduce((sum, { things }) => sum + things.length, 0)
    const times = things === 1 ? '' : `, ${things} times`
    return `  ${String(index + 1).padStart(2)}. ${paint(colours[severity], todo)} (${id}${times})`
  })
  return [[paint('bold', `${byRule.length} things to do, in this order:`), ...lines].join('\n'), '']
}

function section({ rule, place, subject, what, mend }: Finding, { commands, brief }: Depth, paint: Paint) {
  const title = `${paint(colours[rule.severity], rule.severity)} ${paint('bold', rule.id)} ${placeText(place)}`
  if (brief.some((severity) => severity === rule.severity)) return `${title} ${subject}: ${what}.`
  const rows = [
    `${subject}: ${what}.`,
    rule.meaning,
    ...shown('appcmd', mend.appcmd, commands, paint),
    ...shown('PowerShell', mend.powershell, commands, paint),
    ...(mend.note === undefined ? [] : [`${paint('dim', 'note')}: ${mend.note}.`]),
  ]
  return `${[title, ...rows.map((row) => `  ${row}`)].join('\n')}\n`
}

/** Each command on a line of its own, to be copied as it is. */
function shown(tool: string, lines: readonly string[], most: number, paint: Paint): string[] {
  if (lines.length === 0) return []
  const rest = lines.length - most
  const more = rest > 1 ? `, the first ${most} of ${lines.length}; --json has all` : ''
  return [
    `${paint('dim', tool)}${more}:`,
    ...lines.slice(0, rest > 1 ? most : undefined).map((line) => `  ${line}`),
  ]
}

/** `3 findings: 1 error, 2 warnings`. */
export function countsText(findings: readonly Finding[]): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter(({ rule }) => rule.severity === severity).length
    return count === 0 ? [] : [counted(count, severity)]
  })
  return `${counted(findings.length, 'finding')}: ${counts.join(', ')}`
}
