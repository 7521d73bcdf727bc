import type { Verdict } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'
import { type Outcome, type Phase, phases } from '../model/outcome.ts'
import { formatDuration } from '../runtime/duration.ts'
import { greatest } from '../runtime/extremes.ts'
import { hideInUrl } from '../secrets/hide.ts'
import type { Stream } from './process_edge.ts'
import { type Colour, type Paint, painter } from './terminal_text.ts'

/** One check of one farm, probed once on each of its targets. */
export interface CheckResult {
  readonly farm: string
  readonly check: string
  readonly verdict: Verdict
  readonly outcomes: readonly Outcome[]
}

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
export function renderTable(findings: readonly CheckResult[], farms: readonly Farm[], stream: Stream) {
  const paint = painter(stream)
  const sections = findings.map((finding) => section(finding, farms, paint, stream.isTTY ?? false))
  const legend = stream.isTTY ? `${phases.map((phase) => legendEntry(phase, paint)).join('  ')}\n` : ''
  return `${sections.join('\n')}${legend === '' ? '' : `\n${legend}`}`
}

function section(finding: CheckResult, farms: readonly Farm[], paint: Paint, drawn: boolean): string {
  const { outcomes, verdict } = finding
  const check = farms
    .find(({ name }) => name === finding.farm)
    ?.checks.find(({ name }) => name === finding.check)
  const shownVerdict = paint(verdict === 'ok' ? 'green' : 'red', verdict)
  const title = `${paint('bold', `${finding.farm} / ${finding.check}`)}  ${check?.method ?? ''} ${hideInUrl(check?.path ?? '')}  verdict: ${shownVerdict}`
  const scaleMs = Math.max(1, greatest(outcomes.map(({ totalMs }) => totalMs)))
  const targetWidth = greatest(outcomes.map(({ target }) => target.length))
  const reasonWidth = greatest(outcomes.map(({ reason }) => reason.length))
  const rows = outcomes.map((outcome) => {
    const { target, reason, status, totalMs } = outcome
    const cells = [
      target.padEnd(targetWidth),
      paint(reason === 'ok' ? 'green' : 'red', reason.padEnd(reasonWidth)),
      (status === 0 ? '-' : String(status)).padEnd(3),
      formatDuration(totalMs).padStart(7),
      drawn ? bar(outcome, scaleMs, paint) : phaseWords(outcome),
    ]
    const line = `  ${cells.join('  ')}`
    const words = explanation(outcome)
    return words === '' ? line : `${line}\n  ${' '.repeat(targetWidth)}  ${words}`
  })
  return `${[title, ...rows].join('\n')}\n`
}

function explanation({ reason, tells, detail, remark, traceId }: Outcome): string {
  const trace = reason !== 'ok' && traceId !== undefined && `Trace ${traceId}.`
  return [detail, tells !== undefined && `Made by ${tells}.`, remark, trace].filter(Boolean).join(' ')
}

function phaseWords({ phaseMs, authMs }: Outcome): string {
  return [...phases.map((phase) => [phase, phaseMs[phase]] as const), ['auth', authMs] as const]
    .flatMap(([name, ms]) => (ms === undefined ? [] : `${name}=${ms.toFixed(1)}ms`))
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
