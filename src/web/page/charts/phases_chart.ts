/** Where the time of a probe goes: the mean of each phase, stacked in the order in which they happen. */
import { useState } from 'preact/hooks'
import uPlot from 'uplot'
import { html, type Markup } from '../markup.ts'
import type { Series } from '../state/api_client.ts'
import type { TargetData } from '../target/target_data.ts'
import { duration } from '../words/format.ts'
import { clockTime } from '../words/times.ts'
import { phaseWords } from '../words/words.ts'
import { commonOptions, lengthAxis, styleColour, timeAxis } from './chart_style.ts'
import { type Shown, useChart } from './use_chart.ts'

type PhaseMs = NonNullable<Series['steps'][number]['phaseMs']>

const phases = Object.keys(phaseWords) as readonly (keyof PhaseMs)[]

export function PhasesChart({ data }: { readonly data: TargetData }): Markup {
  const [index, setIndex] = useState<number>()
  const { place, shown } = useChart(data, () => options(setIndex), draw)
  const steps = shownSteps(shown)
  const step = index === undefined ? undefined : steps[index]
  const phaseMs = step === undefined ? mean(steps) : (step.phaseMs ?? {})
  return html`
    <div class="chart phases">
      <div class="chart-head">
        <ul class="legend">
          ${phases.map((phase) => legendItem(phase, phaseMs[phase]))}
        </ul>
        <p class="readout">${step === undefined ? 'mean of the time shown' : clockTime(step.atMs)}</p>
      </div>
      <div ref=${place} />
    </div>`
}

const legendItem = (phase: keyof PhaseMs, ms: number | undefined) => html`
  <li>
    <i class="key" style=${{ background: `var(--phase-${phase})` }} />
    ${phaseWords[phase]} <b>${ms === undefined ? '–' : duration(ms)}</b>
  </li>`

const shownSteps = ({ series, sinceMs }: Shown) =>
  series.steps.filter(({ atMs }) => atMs + series.stepMs >= sinceMs)

function draw(chart: uPlot, shown: Shown): void {
  const steps = shownSteps(shown)
  const sums = phases.map((_, depth) =>
    steps.map(({ phaseMs }) => (phaseMs === null ? null : sumUpTo(phaseMs, depth))),
  )
  chart.setData(
    [steps.map(({ atMs }) => (atMs + shown.series.stepMs / 2) / 1000), ...sums.toReversed()],
    false,
  )
  const highest = (sums.at(-1) ?? []).reduce<number>((most, ms) => Math.max(most, ms ?? 0), 0)
  chart.setScale('ms', { min: 0, max: Math.max(1, highest * 1.1) })
}

/** A phase and all before it: what is stacked up to there. */
const sumUpTo = (phaseMs: PhaseMs, depth: number) =>
  phases.slice(0, depth + 1).reduce((sum, phase) => sum + (phaseMs[phase] ?? 0), 0)

/** A phase that no step reached is absent. */
function mean(steps: Series['steps']): PhaseMs {
  const known = steps.flatMap(({ phaseMs }) => phaseMs ?? [])
  const used = phases.filter((phase) => known.some((phaseMs) => phaseMs[phase] !== undefined))
  const of = (phase: keyof PhaseMs) =>
    known.reduce((sum, phaseMs) => sum + (phaseMs[phase] ?? 0), 0) / known.length
  return Object.fromEntries(used.map((phase) => [phase, of(phase)]))
}

function options(onIndex: (index: number | undefined) => void): Omit<uPlot.Options, 'width'> {
  const bars = uPlot.paths.bars?.({ size: [0.85, 40], align: 0 })
  return {
    ...commonOptions,
    height: 162,
    padding: [8, 10, 0, 0],
    scales: { x: { time: true, auto: false }, ms: { auto: false } },
    axes: [timeAxis, lengthAxis],
    series: [
      {},
      ...phases.toReversed().map((phase) => ({
        scale: 'ms',
        width: 0,
        fill: () => styleColour(`phase-${phase}`),
        ...(bars && { paths: bars }),
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [({ cursor }) => onIndex((cursor.left ?? -1) < 0 ? undefined : (cursor.idx ?? undefined))],
    },
  }
}
