/**
 * The last hour of a target, a bar a minute. The height shows how bad a minute was, so that the colour is not
 * needed: low for ok, half for slow, high for some failures, full for half or more. Above it a diamond is a recycle,
 * and a bracket is a stall, as long as it was.
 */
import { useMemo, useRef } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { hideTooltip, showTooltip } from '../parts/tooltip.ts'
import { type CellTone, cellJudge } from '../state/condition.ts'
import { type Cell, minuteMs, type StallSpan, stripMinutes, type TargetState } from '../state/page_state.ts'
import { now } from '../state/server_clock.ts'
import { count, duration, share } from '../words/format.ts'
import { minuteTime } from '../words/times.ts'
import { failureCounts } from '../words/words.ts'

const [barWidth, height] = [5, 20]
const heights: Readonly<Record<CellTone, number>> = { none: 1, ok: 7, slow: 11, failing: 15, down: 20 }

const legendWords = {
  ok: 'ok',
  slow: 'slow',
  failing: 'some fail',
  down: 'half or more fail',
  none: 'no probe',
  'is-recycle': 'recycle',
  'is-stall': 'stall: answered nobody',
}

export const stripLegend: Markup = html`
  <ul class="legend strip-legend" aria-label="Legend of the last hour">
    ${Object.entries(legendWords).map(([name, words]) => html`<li><i class="cell-key ${name}" />${words}</li>`)}
  </ul>`

/**
 * `lastMinute`, since the Unix epoch, is on the right. Redrawn only when a bar, a mark or the number of failures
 * changes: most probes change none of them.
 */
export function Strip({ target, lastMinute }: { target: TargetState; lastMinute: number }): Markup {
  const latest = useRef(target)
  latest.current = target
  const firstMinute = lastMinute - stripMinutes + 1
  const toneOf = cellJudge(target)
  const tones = Array.from({ length: stripMinutes }, (_, index) =>
    toneOf(target.cells.get(firstMinute + index)),
  )
  const recycles = target.recycledAtMs
    .map((atMs) => Math.floor(atMs / minuteMs) - firstMinute)
    .filter((index) => index >= 0)
  const stalls = target.stalls.filter(({ atMs, lengthMs }) => atMs + lengthMs >= firstMinute * minuteMs)
  const onMove = (event: PointerEvent) => explain(latest.current, event)
  return useMemo(
    () => html`
      <span class="strip" onPointerMove=${onMove} onPointerLeave=${hideTooltip}>
        <span class="marks" aria-hidden="true">
          ${stalls.map((stall) => bracket(stall, firstMinute))}${recycles.map(diamond)}
        </span>
        <svg viewBox="0 0 ${stripMinutes * barWidth} ${height}" preserveAspectRatio="none" aria-hidden="true">
          ${Object.entries(outlines(tones)).map(([tone, d]) => html`<path class=${tone} d=${d} />`)}
        </svg>
        <span class="visually-hidden">${summary(target, recycles.length, stalls)}</span>
      </span>`,
    [tones.join(), recycles.join(), JSON.stringify(stalls), total(target, 'failures'), lastMinute],
  )
}

/** For each tone the outline of its bars. The colours are in style/colours.css. */
function outlines(tones: readonly CellTone[]): Record<CellTone, string> {
  const bars = { none: '', ok: '', slow: '', failing: '', down: '' }
  for (const [index, tone] of tones.entries())
    bars[tone] += `M${index * barWidth} ${height}h4v-${heights[tone]}h-4z`
  return bars
}

const percent = (minutes: number) => `${((100 * minutes) / stripMinutes).toFixed(2)}%`

const diamond = (index: number) => html`<i class="recycle" style=${{ left: percent(index + 0.4) }} />`

function bracket({ atMs, lengthMs }: StallSpan, firstMinute: number) {
  const from = Math.max(0, atMs / minuteMs - firstMinute)
  const to = Math.min(stripMinutes, (atMs + lengthMs) / minuteMs - firstMinute)
  return html`<i class="stall" style=${{ left: percent(from), width: percent(to - from) }} />`
}

/** What the strip shows, as text for screen readers. */
function summary(target: TargetState, recycles: number, stalls: readonly StallSpan[]): string {
  const [probes, failures] = [total(target, 'probes'), total(target, 'failures')]
  if (probes === 0) return 'no probes in the last hour'
  const failed = failures === 0 ? 'none failed' : `${count(failures, 'failure')} (${share(failures, probes)})`
  const stalled = stalls.length === 0 ? '' : `, ${count(stalls.length, 'stall')}`
  return `last hour: ${count(probes, 'probe')}, ${failed}, ${count(recycles, 'recycle')}${stalled}`
}

const total = ({ cells }: TargetState, field: 'probes' | 'failures') =>
  [...cells.values()].reduce((sum, cell) => sum + cell[field], 0)

function explain({ cells, recycledAtMs, stalls }: TargetState, event: PointerEvent): void {
  const { left, width } = (event.currentTarget as Element).getBoundingClientRect()
  const index = Math.floor(((event.clientX - left) / width) * stripMinutes)
  const firstMinute = Math.floor(now() / minuteMs) - stripMinutes + 1
  const minute = firstMinute + Math.min(stripMinutes - 1, Math.max(0, index))
  const recycles = recycledAtMs.filter((atMs) => Math.floor(atMs / minuteMs) === minute).length
  const stalled = stalls.filter(({ atMs }) => Math.floor(atMs / minuteMs) === minute)
  const lines = [
    `${minuteTime(minute * minuteMs)}  ${cellWords(cells.get(minute))}`,
    ...(recycles > 0 ? [count(recycles, 'recycle')] : []),
    ...stalled.map(({ lengthMs }) => `answered nobody for ${duration(lengthMs)}`),
  ]
  showTooltip(lines.join('\n'), event)
}

function cellWords(cell: Cell | undefined): string {
  if (cell === undefined) return 'no probes'
  const failed = cell.failures === 0 ? 'all well' : `failed: ${failureCounts(cell.reasons)}`
  const slowest = cell.maxMs > 0 ? `\nslowest first byte ${duration(cell.maxMs)}` : ''
  return `${count(cell.probes, 'probe')}, ${failed}${slowest}`
}
