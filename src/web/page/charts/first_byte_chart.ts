/**
 * The time to first byte over time, on a logarithmic scale, because a cold start is hundreds of times the usual. A
 * line is the median, the area above it reaches up to the slowest of each step, dots are single probes where they are
 * known, bars are outages, brackets are stalls, diamonds are recycles and first requests, flags are marks.
 */
import { useState } from 'preact/hooks'
import type uPlot from 'uplot'
import { html, type Markup } from '../markup.ts'
import type { Series } from '../state/api_client.ts'
import { type FeedEntry, ofKind } from '../state/feed.ts'
import type { TargetData } from '../target/target_data.ts'
import { count, duration } from '../words/format.ts'
import { clockTime, dayTime } from '../words/times.ts'
import { bracket, clipped, cross, dashedLine, diamond, flag, recycleLine } from './chart_shapes.ts'
import { commonOptions, lengthAxis, styleColour, timeAxis } from './chart_style.ts'
import { type Shown, useChart } from './use_chart.ts'

/** Successful probes are drawn one by one up to this range: the server keeps no more of them. */
const dotsUpToMs = 900_000
/** Of more than this, only every second, third ... is drawn. */
const mostDots = 2000

const legend = {
  median: 'median',
  slowest: 'up to the slowest',
  baseline: 'usual',
  first: 'first request',
  recycle: 'recycle',
  outage: 'outage',
  stall: 'stall: answered nobody',
  failure: 'failed probe',
  probe: 'single probe',
  mark: 'mark',
  blind: 'not watched',
}

export function FirstByteChart({ data }: { readonly data: TargetData }): Markup {
  const [readout, setReadout] = useState('')
  const { place, shown } = useChart(data, (latest) => options(latest, setReadout), draw)
  return html`
    <div class="chart first-byte">
      <div class="chart-head">
        <ul class="legend">
          ${Object.entries(legend)
            .filter(([name]) => isDrawn(name, shown))
            .map(([name, words]) => html`<li><i class="key ${name}" />${words}</li>`)}
        </ul>
        <p class="readout" aria-hidden="true">${readout || ' '}</p>
      </div>
      <p class="visually-hidden">${summary(shown)}</p>
      <div ref=${place} />
    </div>`
}

/** The rarer shapes are explained where there are any. */
function isDrawn(name: string, shown: Shown): boolean {
  if (name === 'probe') return shown.range.ms <= dotsUpToMs
  return !['stall', 'mark', 'blind'].includes(name) || shown.feed.some(({ kind }) => kind === name)
}

function draw(chart: uPlot, shown: Shown): void {
  const rows = withGaps(shown)
  chart.setData(
    [
      rows.map(({ atMs }) => (atMs + shown.series.stepMs / 2) / 1000),
      rows.map(({ firstByteMs }) => firstByteMs?.p50 ?? null),
      rows.map(({ firstByteMs }) => firstByteMs?.max ?? null),
    ],
    false,
  )
  chart.setScale('ms', extent(shown))
}

function options(shown: () => Shown, onReadout: (words: string) => void): Omit<uPlot.Options, 'width'> {
  const line = { scale: 'ms', points: { show: false }, spanGaps: false }
  return {
    ...commonOptions,
    height: 292,
    padding: [14, 10, 0, 0],
    scales: { x: { time: true, auto: false }, ms: { distr: 3, auto: false } },
    axes: [
      timeAxis,
      { ...lengthAxis, splits: (_, __, min, max) => decades(min, max), filter: (_, splits) => splits },
    ],
    series: [
      {},
      { ...line, stroke: () => styleColour('ok'), width: 1.5 },
      { ...line, stroke: () => 'transparent', width: 0 },
    ],
    bands: [{ series: [2, 1], fill: () => `${styleColour('ok')}2e` }],
    hooks: {
      drawAxes: [(chart) => drawBehind(chart, shown())],
      draw: [(chart) => drawBefore(chart, shown())],
      setCursor: [(chart) => onReadout(readoutWords(chart, shown()))],
    },
  }
}

/** 1, 3, 10, 30 ... within a range. */
function decades(min: number, max: number): number[] {
  const found: number[] = []
  for (let decade = 0.1; decade <= max; decade *= 10)
    for (const ms of [decade, decade * 3]) if (ms >= min * 0.999 && ms <= max * 1.001) found.push(ms)
  return found
}

/** The range of the scale, with a little room. */
function extent(shown: Shown): { min: number; max: number } {
  const { series, feed, sinceMs } = shown
  const values = [
    ...series.steps.flatMap(({ firstByteMs, atMs }) =>
      firstByteMs === null || atMs < sinceMs - series.stepMs ? [] : [firstByteMs.p50, firstByteMs.max],
    ),
    ...dots(shown).flatMap(({ firstByteMs }) => firstByteMs ?? []),
    ...ofKind(feed, 'first_request').map(({ firstByteMs }) => firstByteMs),
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

/** The next third of a decade: the scale does not change with every probe. */
const nice = (ms: number, round: (number: number) => number) => 10 ** (round(Math.log10(ms) * 3) / 3)

/** Steps, with an empty one wherever some are missing, so that no line bridges a time without probes. */
function withGaps({ series: { steps, stepMs }, sinceMs }: Shown) {
  const rows: Pick<Series['steps'][number], 'atMs' | 'firstByteMs'>[] = []
  for (const step of steps) {
    if (step.atMs + stepMs < sinceMs) continue
    const before = rows.at(-1)
    if (before !== undefined && step.atMs - before.atMs > stepMs * 1.5)
      rows.push({ atMs: before.atMs + stepMs, firstByteMs: null })
    rows.push(step)
  }
  return rows
}

function dots({ series: { probes }, sinceMs, range }: Shown): Series['probes'] {
  if (range.ms > dotsUpToMs) return probes.filter(({ proof, atMs }) => proof === 'failure' && atMs >= sinceMs)
  const recent = probes.filter(({ atMs }) => atMs >= sinceMs)
  const every = Math.ceil(recent.length / mostDots)
  return every <= 1 ? recent : recent.filter(({ proof }, index) => index % every === 0 || proof === 'failure')
}

function drawBehind(chart: uPlot, { feed, series, sinceMs, untilMs }: Shown): void {
  const { ctx, bbox } = chart
  clipped(chart, () => {
    const band = (fromMs: number, toMs: number, fill: string) => {
      const left = chart.valToPos(Math.max(fromMs, sinceMs) / 1000, 'x', true)
      const right = chart.valToPos(Math.min(toMs, untilMs) / 1000, 'x', true)
      ctx.fillStyle = fill
      if (right > left) ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height)
    }
    for (const blind of ofKind(feed, 'blind')) band(blind.atMs, blind.untilMs, `${styleColour('unknown')}26`)
    for (const [fromMs, toMs] of outagesOf(feed, untilMs)) band(fromMs, toMs, `${styleColour('bad')}2b`)
    for (const { atMs, lengthMs } of ofKind(feed, 'stall'))
      bracket(chart, atMs, atMs + lengthMs, styleColour('ink'))
    if (series.baselineMs !== null)
      dashedLine(chart, chart.valToPos(series.baselineMs, 'ms', true), styleColour('ink-2'))
  })
}

/** Outages as from and to, one that is still on up to now. */
function outagesOf(feed: readonly FeedEntry[], nowMs: number): (readonly [fromMs: number, toMs: number])[] {
  const closed = ofKind(feed, 'outage_closed').map(({ atMs, lengthMs }) => [atMs, atMs + lengthMs] as const)
  const ends = new Set(closed.map(([atMs]) => atMs))
  const open = ofKind(feed, 'outage_opened').filter(({ atMs }) => !ends.has(atMs))
  return [...closed, ...open.map(({ atMs }) => [atMs, nowMs] as const)]
}

function drawBefore(chart: uPlot, shown: Shown): void {
  const { series, feed, failures } = shown
  const { ctx, bbox } = chart
  const unit = devicePixelRatio
  const placeOf = ({ atMs, firstByteMs }: { atMs: number; firstByteMs?: number | null | undefined }) =>
    [
      chart.valToPos(atMs / 1000, 'x', true),
      firstByteMs ? chart.valToPos(firstByteMs, 'ms', true) : bbox.top + bbox.height - 7 * unit,
    ] as const
  clipped(chart, () => {
    for (const failure of failures)
      if (failure.check === series.check) cross(ctx, ...placeOf(failure), styleColour('bad'))
    const [good, bad] = [`${styleColour('ok')}99`, styleColour('bad')]
    for (const probe of dots(shown)) {
      const [x, y] = placeOf(probe)
      if (probe.proof !== 'ok') cross(ctx, x, y, bad)
      else {
        ctx.fillStyle = good
        ctx.fillRect(x - unit, y - unit, 2 * unit, 2 * unit)
      }
    }
    for (const { atMs } of ofKind(feed, 'recycle')) recycleLine(chart, atMs, styleColour('recycle'))
    for (const { atMs } of ofKind(feed, 'mark')) flag(chart, atMs, styleColour('ink'))
    for (const request of ofKind(feed, 'first_request'))
      diamond(ctx, ...placeOf(request), 5 * unit, styleColour('recycle'), styleColour('surface'))
  })
}

/** The step under the pointer, in words; empty when the pointer is outside. */
function readoutWords(
  { cursor: { idx, left = -1 }, data: [times, medians, slowest] }: uPlot,
  { range }: Shown,
): string {
  if (left < 0 || idx === null || idx === undefined) return ''
  const atMs = (times[idx] ?? 0) * 1000
  const time = range.ms > 86_400_000 ? dayTime(atMs) : clockTime(atMs)
  const median = medians?.[idx] ?? null
  if (median === null) return `${time}  no answer`
  return `${time}  median ${duration(median)}, slowest ${duration(slowest?.[idx] ?? median)}`
}

function summary({ series, feed, sinceMs, untilMs }: Shown): string {
  const slowest = series.steps.reduce((most, { firstByteMs }) => Math.max(most, firstByteMs?.max ?? 0), 0)
  const usual = series.baselineMs === null ? 'not known yet' : duration(series.baselineMs)
  const recycles = count(ofKind(feed, 'recycle').length, 'recycle')
  const figures = `usual first byte ${usual}, slowest ${duration(slowest)}, ${recycles}`
  const span = `from ${dayTime(sinceMs)} to ${dayTime(untilMs)}`
  return `Chart ${span}: ${figures}. The tables below list recycles and outages.`
}
