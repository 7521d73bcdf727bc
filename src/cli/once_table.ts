import type { Farm } from '../model/farm.ts'
import { type Outcome, type Phase, phases } from '../model/outcome.ts'
import { formatDuration } from '../runtime/duration.ts'
import { hideInUrl } from '../secrets/hide.ts'
import type { Finding } from './once.ts'
import type { Stream } from './process_edge.ts'
import { type Colour, type Paint, painter, printable } from './terminal_text.ts'

/** Each phase has its own shade: the bar can be read without colour, too. */
const phaseLooks: Record<Phase, { colour: Colour; block: string }> = {
  resolve: { colour: 'magenta', block: '▒' },
  connect: { colour: 'blue', block: '░' },
  tls: { colour: 'cyan', block: '▒' },
  request: { colour: 'yellow', block: '░' },
  wait: { colour: 'green', block: '█' },
  transfer: { colour: 'gray', block: '▓' },
}

const barWidth = 32

/**
 * Findings as a table for people: a terminal gets colours and a bar for the phases, drawn to one scale per check; a
 * pipe gets the phases as plain `name=duration` words.
 */
export function renderTable(findings: readonly Finding[], farms: readonly Farm[], stream: Stream): string {
  const paint = painter(stream)
  const sections = findings.map((finding) => section(finding, farms, paint, stream.isTTY ?? false))
  const legend = stream.isTTY ? `${phases.map((phase) => legendEntry(phase, paint)).join('  ')}\n` : ''
  return `${sections.join('\n')}${legend === '' ? '' : `\n${legend}`}`
}

function section(finding: Finding, farms: readonly Farm[], paint: Paint, drawn: boolean): string {
  const check = farms
    .find((farm) => farm.name === finding.farm)
    ?.checks.find((each) => each.name === finding.check)
  const verdict = paint(finding.verdict === 'ok' ? 'green' : 'red', finding.verdict)
  const title = `${paint('bold', `${finding.farm} / ${finding.check}`)}  ${check?.method ?? ''} ${hideInUrl(check?.path ?? '')}  verdict: ${verdict}`
  const scaleMs = Math.max(1, ...finding.outcomes.map((outcome) => outcome.totalMs))
  const rows = finding.outcomes.map((outcome) =>
    row(outcome, finding, paint, (each) => (drawn ? bar(each, scaleMs, paint) : phaseWords(each))),
  )
  return `${[title, ...rows].join('\n')}\n`
}

function row(
  outcome: Outcome,
  finding: Finding,
  paint: Paint,
  showPhases: (outcome: Outcome) => string,
): string {
  const widest = (of: 'target' | 'reason') => Math.max(...finding.outcomes.map((each) => each[of].length))
  const width = widest('target')
  const good = outcome.reason === 'ok'
  const cells = [
    outcome.target.padEnd(width),
    paint(good ? 'green' : 'red', outcome.reason.padEnd(widest('reason'))),
    (outcome.status === 0 ? '-' : String(outcome.status)).padEnd(3),
    formatDuration(outcome.totalMs).padStart(7),
    showPhases(outcome),
  ]
  const line = `  ${cells.join('  ')}`
  return good ? line : `${line}\n  ${' '.repeat(width)}  ${explanation(outcome)}`
}

function explanation({ tells, detail }: Outcome): string {
  return printable(tells === undefined ? detail : `${detail} Made by ${tells}.`)
}

function phaseWords({ phaseMs }: Outcome): string {
  return phases
    .filter((phase) => phaseMs[phase] !== undefined)
    .map((phase) => `${phase}=${(phaseMs[phase] ?? 0).toFixed(1)}ms`)
    .join(' ')
}

function bar({ phaseMs }: Outcome, scaleMs: number, paint: Paint): string {
  return phases
    .map((phase) => {
      const width = Math.round(((phaseMs[phase] ?? 0) / scaleMs) * barWidth)
      const { colour, block } = phaseLooks[phase]
      return width === 0 ? '' : paint(colour, block.repeat(width))
    })
    .join('')
}

function legendEntry(phase: Phase, paint: Paint): string {
  const { colour, block } = phaseLooks[phase]
  return `${paint(colour, block)} ${phase}`
}
