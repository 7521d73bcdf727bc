/**
 * The time to first byte over time, on a logarithmic scale, because a cold start is hundreds of times the usual. A
 * line for the median and a veil up to the slowest of each step, single probes as dots where they are known, and what
 * happened: outages as bars, recycles and first requests as diamonds, marks as flags.
 */

import { lengthAxis, timeAxis } from './axes.js'
import { clipped, cross, diamond, flag, line, post } from './chart_shapes.js'
import { colour } from './colours.js'
import { h, write } from './dom.js'
import { clockTime, dayTime, duration } from './format.js'
import uPlot from './uPlot.esm.js'

const height = 292
/** Single probes that went well are drawn up to this range: memory holds no more of them. */
const dotsUpToMs = 900_000
/** At most so many; every second, third ... is left out beyond. */
const mostDots = 2000

/** A chart that shows nothing yet. */
export function createFirstByteChart(place) {
  const legend = h(
    'ul',
    { class: 'legend' },
    keys.map(([name, words]) => h('li', {}, h('i', { class: `key ${name}` }), words)),
  )
  const readout = h('p', { class: 'readout', 'aria-hidden': 'true' }, ' ')
  const words = h('p', { class: 'visually-hidden' })
  place.replaceChildren(h('div', { class: 'chart-head' }, legend, readout), words)
  let shown
  const chart = new uPlot(
    options(place, () => shown, readout),
    [[], [], []],
    place,
  )
  return {
    draw(data, { sinceMs, untilMs }) {
      shown = { ...data, sinceMs, untilMs }
      const { steps, stepMs } = data.series
      const rows = withGaps(steps, stepMs, sinceMs)
      chart.setData(
        [
          rows.map(({ atMs }) => (atMs + stepMs / 2) / 1000),
          rows.map((step) => step.firstByteMs?.p50 ?? null),
          rows.map((step) => step.firstByteMs?.max ?? null),
        ],
        false,
      )
      chart.batch(() => {
        chart.setScale('x', { min: sinceMs / 1000, max: untilMs / 1000 })
        chart.setScale('ms', extent(shown))
      })
      write(words, summary(shown))
    },
    resize: () => chart.setSize({ width: place.clientWidth, height }),
    recolour: () => chart.redraw(false, true),
    remove: () => chart.destroy(),
  }
}

const keys = [
  ['median', 'median'],
  ['veil', 'up to the slowest'],
  ['baseline', 'usual'],
  ['first', 'first request'],
  ['recycle', 'recycle'],
  ['outage', 'outage'],
  ['failure', 'failed probe'],
]

/** @returns {uPlot.Options} */
function options(place, shown, readout) {
  return {
    width: Math.max(200, place.clientWidth),
    height,
    padding: [14, 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: true, auto: false }, ms: { distr: 3, auto: false } },
    axes: [
      timeAxis(),
      lengthAxis({
        scale: 'ms',
        splits: (chart) => decades(chart.scales.ms.min, chart.scales.ms.max),
        values: (chart, splits) => splits.map(axisWords),
        filter: (chart, splits) => splits,
      }),
    ],
    series: [
      {},
      { scale: 'ms', stroke: () => colour('ok'), width: 1.5, points: { show: false }, spanGaps: false },
      { scale: 'ms', stroke: () => 'transparent', width: 0, points: { show: false }, spanGaps: false },
    ],
    bands: [{ series: [2, 1], fill: () => `${colour('ok')}2e` }],
    hooks: {
      drawAxes: [(chart) => shown() !== undefined && drawBehind(chart, shown())],
      draw: [(chart) => shown() !== undefined && drawBefore(chart, shown())],
      setCursor: [(chart) => write(readout, readoutWords(chart, shown()) || ' ')],
    },
  }
}

/** 1, 3, 10, 30 ... within a range. */
function decades(min, max) {
  const found = []
  for (let decade = 0.1; decade <= max; decade *= 10)
    for (const ms of [decade, decade * 3]) if (ms >= min * 0.999 && ms <= max * 1.001) found.push(ms)
  return found
}

const axisWords = (ms) => (ms >= 1000 ? `${+(ms / 1000).toPrecision(2)} s` : `${+ms.toPrecision(2)} ms`)

/** What the scale has to hold, with a little room. */
function extent({ series, story, sinceMs, range }) {
  const values = [
    ...series.steps.flatMap(({ firstByteMs, atMs }) =>
      firstByteMs === null || atMs < sinceMs - series.stepMs ? [] : [firstByteMs.p50, firstByteMs.max],
    ),
    ...dots(series, sinceMs, range.ms).flatMap(({ firstByteMs }) => firstByteMs ?? []),
    ...story.flatMap((event) => (event.kind === 'first_request' ? event.firstByteMs : [])),
    ...(series.baselineMs === null ? [] : [series.baselineMs]),
  ].filter((ms) => ms > 0)
  if (values.length === 0) return { min: 1, max: 1000 }
  const low = values.reduce((least, ms) => Math.min(least, ms))
  const high = values.reduce((most, ms) => Math.max(most, ms))
  return {
    min: nice(low * 0.7, Math.floor),
    max: Math.max(nice(high * 1.4, Math.ceil), nice(low * 8, Math.ceil)),
  }
}

/** The next third of a decade: the scale does not tremble with every probe. */
const nice = (ms, round) => 10 ** (round(Math.log10(ms) * 3) / 3)

/** Steps, with an empty one wherever some are missing, so that no line bridges a time without probes. */
function withGaps(steps, stepMs, sinceMs) {
  const rows = []
  for (const step of steps) {
    if (step.atMs + stepMs < sinceMs) continue
    const before = rows.at(-1)
    if (before !== undefined && step.atMs - before.atMs > stepMs * 1.5)
      rows.push({ atMs: before.atMs + stepMs, firstByteMs: null })
    rows.push(step)
  }
  return rows
}

function dots({ probes }, sinceMs, rangeMs) {
  if (rangeMs > dotsUpToMs) return probes.filter(({ proof, atMs }) => proof === 'failure' && atMs >= sinceMs)
  const recent = probes.filter(({ atMs }) => atMs >= sinceMs)
  const every = Math.ceil(recent.length / mostDots)
  return every <= 1 ? recent : recent.filter(({ proof }, index) => index % every === 0 || proof === 'failure')
}

function drawBehind(chart, { story, blind, series, sinceMs, untilMs }) {
  const { ctx, bbox } = chart
  clipped(chart, () => {
    const band = (fromMs, toMs, fill) => {
      const left = chart.valToPos(Math.max(fromMs, sinceMs) / 1000, 'x', true)
      const right = chart.valToPos(Math.min(toMs, untilMs) / 1000, 'x', true)
      ctx.fillStyle = fill
      if (right > left) ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height)
    }
    for (const { atMs, untilMs: toMs } of blind) band(atMs, toMs, `${colour('unknown')}26`)
    for (const [fromMs, toMs] of outagesOf(story, untilMs)) band(fromMs, toMs, `${colour('bad')}2b`)
    if (series.baselineMs !== null)
      line(chart, chart.valToPos(series.baselineMs, 'ms', true), colour('ink-2'), [5, 4])
  })
}

/** Outages as from and to, one that is still on up to now. */
function outagesOf(story, nowMs) {
  const closed = story
    .filter(({ kind }) => kind === 'outage_closed')
    .map(({ atMs, lengthMs }) => [atMs, atMs + lengthMs])
  const ends = new Set(closed.map(([atMs]) => atMs))
  const open = story
    .filter(({ kind, atMs }) => kind === 'outage_opened' && !ends.has(atMs))
    .map(({ atMs }) => [atMs, nowMs])
  return [...closed, ...open]
}

function drawBefore(chart, shown) {
  const { series, story, sinceMs } = shown
  const { ctx, bbox } = chart
  const unit = devicePixelRatio
  clipped(chart, () => {
    const bottom = bbox.top + bbox.height - 7 * unit
    const placeOf = ({ atMs, firstByteMs }) => [
      chart.valToPos(atMs / 1000, 'x', true),
      firstByteMs > 0 ? chart.valToPos(firstByteMs, 'ms', true) : bottom,
    ]
    const [good, bad] = [colour('ok'), colour('bad')]
    for (const probe of [
      ...shown.failures.filter((failure) => failure.check === series.check),
      ...dots(series, sinceMs, shown.range.ms),
    ]) {
      const [x, y] = placeOf(probe)
      if (probe.proof !== 'ok') cross(ctx, x, y, 3 * unit, bad, unit)
      else {
        ctx.fillStyle = `${good}99`
        ctx.fillRect(x - unit, y - unit, 2 * unit, 2 * unit)
      }
    }
    for (const event of story) {
      if (event.kind === 'recycle') post(chart, event.atMs, colour('recycle'))
      if (event.kind === 'mark') flag(chart, event.atMs, colour('ink'))
    }
    for (const event of story)
      if (event.kind === 'first_request')
        diamond(ctx, ...placeOf(event), 5 * unit, colour('recycle'), colour('surface'), unit)
  })
}

/** What is under the pointer, in words. */
function readoutWords(chart, shown) {
  const { idx, left } = chart.cursor
  if (shown === undefined || left < 0 || idx === null || idx === undefined) return ''
  const [times, medians, slowest] = chart.data
  const atMs = times[idx] * 1000
  const time = shown.range.ms > 86_400_000 ? dayTime(atMs) : clockTime(atMs)
  if (medians[idx] === null) return `${time}  no answer`
  return `${time}  median ${duration(medians[idx])}, slowest ${duration(slowest[idx])}`
}

function summary({ series, story, range }) {
  const slowest = series.steps.reduce((most, { firstByteMs }) => Math.max(most, firstByteMs?.max ?? 0), 0)
  const recycles = story.filter(({ kind }) => kind === 'recycle').length
  const usual = series.baselineMs === null ? 'not known yet' : duration(series.baselineMs)
  return `Chart of the last ${range.words}: usual first byte ${usual}, slowest ${duration(slowest)}, ${recycles} recycles. The tables below list recycles and outages.`
}
