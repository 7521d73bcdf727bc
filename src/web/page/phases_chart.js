/** Where the time of a probe goes: the mean of each phase, stacked in the order in which they happen. */

import { lengthAxis, timeAxis } from './axes.js'
import { colour } from './colours.js'
import { h, write } from './dom.js'
import { clockTime, duration } from './format.js'
import uPlot from './uPlot.esm.js'

const height = 162
const phases = ['resolve', 'connect', 'tls', 'request', 'wait', 'transfer']
const meanings = {
  resolve: 'name',
  connect: 'connect',
  tls: 'TLS',
  request: 'send',
  wait: 'wait',
  transfer: 'receive',
}

/** A chart that shows nothing yet. */
export function createPhasesChart(place) {
  const values = new Map(phases.map((phase) => [phase, h('b')]))
  const legend = h(
    'ul',
    { class: 'legend' },
    phases.map((phase) =>
      h('li', {}, h('i', { class: `key phase-${phase}` }), `${meanings[phase]} `, values.get(phase)),
    ),
  )
  const time = h('p', { class: 'readout' }, ' ')
  place.replaceChildren(h('div', { class: 'chart-head' }, legend, time))
  let steps = []
  const describe = (step) => {
    for (const phase of phases)
      write(
        values.get(phase),
        step === undefined || step.phaseMs?.[phase] === undefined ? '–' : duration(step.phaseMs[phase]),
      )
  }
  const chart = new uPlot(
    options(place, (index) => {
      write(time, index === null ? 'mean of the time shown' : clockTime(steps[index]?.atMs ?? 0))
      describe(index === null ? mean(steps) : steps[index])
    }),
    [[], ...phases.map(() => [])],
    place,
  )
  return {
    draw({ series }, { sinceMs, untilMs }) {
      steps = series.steps.filter(({ atMs }) => atMs + series.stepMs >= sinceMs)
      const sums = phases.map((phase, depth) =>
        steps.map(({ phaseMs }) => (phaseMs === null ? null : total(phaseMs, depth))),
      )
      chart.setData([steps.map(({ atMs }) => (atMs + series.stepMs / 2) / 1000), ...sums.toReversed()], false)
      const highest = sums.at(-1).reduce((most, ms) => Math.max(most, ms ?? 0), 0)
      chart.batch(() => {
        chart.setScale('x', { min: sinceMs / 1000, max: untilMs / 1000 })
        chart.setScale('ms', { min: 0, max: Math.max(1, highest * 1.1) })
      })
      if (chart.cursor.left < 0 || chart.cursor.idx === null) {
        write(time, 'mean of the time shown')
        describe(mean(steps))
      }
    },
    resize: () => chart.setSize({ width: place.clientWidth, height }),
    recolour: () => chart.redraw(false, true),
    remove: () => chart.destroy(),
  }
}

/** A phase and all before it: what is stacked up to there. */
const total = (phaseMs, depth) =>
  phases.slice(0, depth + 1).reduce((sum, phase) => sum + (phaseMs[phase] ?? 0), 0)

function mean(steps) {
  const known = steps.flatMap(({ phaseMs }) => phaseMs ?? [])
  const of = (phase) => known.reduce((sum, phaseMs) => sum + (phaseMs[phase] ?? 0), 0) / known.length
  const used = phases.filter((phase) => known.some((phaseMs) => phaseMs[phase] !== undefined))
  return known.length === 0
    ? undefined
    : { phaseMs: Object.fromEntries(used.map((phase) => [phase, of(phase)])) }
}

/** @returns {uPlot.Options} */
function options(place, onIndex) {
  const bars = uPlot.paths.bars({ size: [0.85, 40], align: 0 })
  return {
    width: Math.max(200, place.clientWidth),
    height,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: true, auto: false }, ms: { auto: false } },
    axes: [
      timeAxis(),
      lengthAxis({
        scale: 'ms',
        values: (chart, splits) =>
          splits.map((ms) => (ms >= 1000 ? `${+(ms / 1000).toPrecision(2)} s` : `${ms} ms`)),
      }),
    ],
    series: [
      {},
      ...phases.toReversed().map((phase) => ({
        scale: 'ms',
        width: 0,
        fill: () => colour(`phase-${phase}`),
        paths: bars,
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [(chart) => onIndex(chart.cursor.left < 0 ? null : (chart.cursor.idx ?? null))] },
  }
}
