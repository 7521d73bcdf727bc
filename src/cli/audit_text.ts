import { type Finding, type Severity, severities } from '../iis/audit/finding.ts'
import { placeText } from '../model/place.ts'
import type { Stream } from './process_edge.ts'
import { type Colour, counted, type Paint, painter } from './terminal_text.ts'

const colours: Record<Severity, Colour> = { error: 'red', warning: 'yellow', note: 'cyan' }

/** Findings for people, each with its place, what it means and what corrects it. */
export function renderFindings(findings: readonly Finding[], files: readonly string[], stream: Stream) {
  const paint = painter(stream)
  if (findings.length === 0) return `${paint('green', 'ok')}: nothing to correct in ${files.join(', ')}\n`
  return findings.map((finding) => section(finding, paint)).join('\n')
}

function section({ rule, place, subject, what, mend }: Finding, paint: Paint): string {
  const title = `${paint(colours[rule.severity], rule.severity)} ${paint('bold', rule.id)} ${placeText(place)}`
  const rows = [
    `${subject}: ${what}.`,
    rule.meaning,
    ...commands('appcmd', mend.appcmd, paint),
    ...commands('PowerShell', mend.powershell, paint),
    ...(mend.note === undefined ? [] : [`${paint('dim', 'note')}: ${mend.note}.`]),
  ]
  return `${[title, ...rows.map((row) => `  ${row}`)].join('\n')}\n`
}

/** Each command on a line of its own, to be copied as it is. */
function commands(tool: string, lines: readonly string[], paint: Paint): string[] {
  if (lines.length === 0) return []
  return [`${paint('dim', tool)}:`, ...lines.map((line) => `  ${line}`)]
}

/** `3 findings: 1 error, 2 warnings`. */
export function countsText(findings: readonly Finding[]): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter(({ rule }) => rule.severity === severity).length
    return count === 0 ? [] : [counted(count, severity)]
  })
  return `${counted(findings.length, 'finding')}: ${counts.join(', ')}`
}
