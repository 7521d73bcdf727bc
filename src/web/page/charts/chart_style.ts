/** What all charts have in common: their colours, axes and settings. */
import uPlot from 'uplot'
import { clockTime, day, isUtc, minuteTime } from '../words/times.ts'

/** A colour of style/colours.css by its name, for drawing on a canvas; it follows light and dark. */
export const styleColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

const common: uPlot.Axis = {
  stroke: () => styleColour('ink-2'),
  font: '12px system-ui, sans-serif',
  grid: { stroke: () => styleColour('line'), width: 1 },
  ticks: { show: false },
}

/** Time, in the reader's zone. */
export const timeAxis: uPlot.Axis = {
  ...common,
  size: 22,
  gap: 4,
  values: (_, splits) => splits.map((seconds, index) => timeWords(seconds, splits[index - 1], splits)),
}

function timeWords(seconds: number, before: number | undefined, [first = 0, second = first]: number[]) {
  const gap = second - first
  const isNewDay = before !== undefined && day(seconds * 1000) !== day(before * 1000)
  if (gap >= 86_400 || isNewDay) return day(seconds * 1000).replace(/^\w+ /, '')
  return gap < 60 ? clockTime(seconds * 1000) : minuteTime(seconds * 1000)
}

/** Milliseconds, on the left. */
export const lengthAxis: uPlot.Axis = {
  ...common,
  scale: 'ms',
  size: 58,
  gap: 6,
  values: (_, splits) =>
    splits.map((ms) => (ms >= 1000 ? `${+(ms / 1000).toPrecision(3)} s` : `${+ms.toPrecision(3)} ms`)),
}

/** Where the axis puts its marks, in the zone of the page's times. */
const dateOf = (seconds: number) => {
  const date = new Date(seconds * 1000)
  return isUtc() ? uPlot.tzDate(date, 'Etc/UTC') : date
}

/** No legend and no zoom of uPlot's own; the pointer reads values. */
export const commonOptions = {
  tzDate: dateOf,
  legend: { show: false },
  cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
} satisfies Partial<uPlot.Options>
