/** Charts as inline SVG: no script, nothing from outside, and colours that follow the page's scheme. */
import type { Span } from '../model/past.ts'
import { dayMs, minuteMs } from '../runtime/duration.ts'
import { greatest } from '../runtime/extremes.ts'
import { printableLines } from '../runtime/printable.ts'

/** Something that happened at a moment and is worth a vertical line. */
export interface Line {
  readonly atMs: number
  readonly label: string
}

export interface Dot {
  readonly atMs: number
  readonly ms: number
  readonly series: string
}

export interface Bar {
  readonly atMs: number
  readonly count: number
}

const width = 960
const height = 200
const margin = { left: 56, right: 12, top: 18, bottom: 22 }
const plot = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }

/** Text that is text, wherever it came from. */
export const escaped = (text: string): string =>
  printableLines(text).replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)

/** Counts per step of time as bars. */
export function barChart(
  title: string,
  bars: readonly Bar[],
  stepMs: number,
  span: Span,
  lines: readonly Line[],
): string {
  const most = Math.max(1, greatest(bars.map(({ count }) => count)))
  const x = timeScale(span)
  const barWidth = Math.max(1, (stepMs / (span.untilMs - span.sinceMs)) * plot.width - 0.5)
  const drawn = bars
    .filter(({ count }) => count > 0)
    .map(({ atMs, count }) => {
      const tall = (count / most) * plot.height
      const place = `x="${n(x(atMs))}" y="${n(margin.top + plot.height - tall)}" width="${n(barWidth)}" height="${n(tall)}"`
      return `<rect class="bar" ${place}><title>${stamp(atMs)}: ${count}</title></rect>`
    })
  const levels = [...new Set([0, Math.ceil(most / 2), most])]
  const axis = levels.map((level) => level_(margin.top + plot.height * (1 - level / most), `${level}`))
  return chart(title, span, lines, [...axis, ...drawn])
}

/** Times as dots over a logarithmic axis, one colour and shape of the legend a series. */
export function dotChart(title: string, dots: readonly Dot[], span: Span, lines: readonly Line[]): string {
  const shortest = dots.reduce((least, { ms }) => Math.min(least, Math.max(ms, 1)), 100)
  const longest = dots.reduce((most, { ms }) => Math.max(most, ms), 1000)
  const low = 10 ** Math.floor(Math.log10(shortest))
  const high = 10 ** Math.ceil(Math.log10(longest))
  const x = timeScale(span)
  const y = (ms: number) =>
    margin.top + plot.height * (1 - Math.log(Math.max(ms, low) / low) / Math.log(high / low))
  const names = [...new Set(dots.map(({ series }) => series))].sort()
  const axis: string[] = []
  for (let level = low; level <= high; level *= 10) axis.push(level_(y(level), duration(level)))
  const drawn = dots.map(({ atMs, ms, series }) => {
    const said = `<title>${stamp(atMs)}: ${escaped(series)} ${duration(ms)}</title>`
    return `<circle class="s${names.indexOf(series) % 6}" cx="${n(x(atMs))}" cy="${n(y(ms))}" r="3">${said}</circle>`
  })
  const legend = names.map((name, index) => `<span><i class="s${index % 6}"></i>${escaped(name)}</span>`)
  return `${chart(title, span, lines, [...axis, ...drawn])}<p class="legend">${legend.join(' ')}</p>`
}

function chart(title: string, span: Span, lines: readonly Line[], content: readonly string[]): string {
  const x = timeScale(span)
  const marks = lines.map(({ atMs, label }) => {
    const at = n(x(atMs))
    const path = `<path class="mark" d="M${at} ${margin.top}V${margin.top + plot.height}"/>`
    return `<g>${path}<text class="mark" x="${at}" y="12" text-anchor="middle">${escaped(shortened(label))}<title>${escaped(label)}</title></text></g>`
  })
  return [
    `<figure><figcaption>${escaped(title)}</figcaption><div class="wide" tabindex="0">`,
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    ...content,
    ...timeAxis(span),
    ...marks,
    '</svg></div></figure>',
  ].join('\n')
}

const timeScale =
  ({ sinceMs, untilMs }: Span) =>
  (atMs: number) =>
    margin.left + ((atMs - sinceMs) / (untilMs - sinceMs)) * plot.width

const level_ = (y: number, label: string) =>
  `<path class="grid" d="M${margin.left} ${n(y)}H${width - margin.right}"/><text x="${margin.left - 6}" y="${n(y + 4)}" text-anchor="end">${label}</text>`

const stepsMs = [1, 5, 15, 60, 180, 720, 1440, 2880, 10_080, 40_320].map((minutes) => minutes * minuteMs)

function timeAxis({ sinceMs, untilMs }: Span): string[] {
  const stepMs = stepsMs.find((each) => (untilMs - sinceMs) / each <= 8) ?? (untilMs - sinceMs) / 8
  const x = timeScale({ sinceMs, untilMs })
  const labels: string[] = []
  for (let atMs = Math.ceil(sinceMs / stepMs) * stepMs; atMs < untilMs; atMs += stepMs) {
    const label = stepMs < dayMs ? stamp(atMs).slice(11, 16) : stamp(atMs).slice(5, 10)
    labels.push(`<text x="${n(x(atMs))}" y="${height - 6}" text-anchor="middle">${label}</text>`)
  }
  return labels
}

const stamp = (atMs: number) => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
const duration = (ms: number) =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toPrecision(3))} s`
const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
const n = (value: number) => String(Number(value.toFixed(1)))
