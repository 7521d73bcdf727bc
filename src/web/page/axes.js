/** The axes that all charts share. */
import { colour } from './colours.js'
import { clockTime, day, minuteTime } from './format.js'

const font = '12px system-ui, sans-serif'

/** Time, in the reader's zone. */
export const timeAxis = () => ({
  stroke: () => colour('ink-2'),
  font,
  size: 22,
  gap: 4,
  grid: { stroke: () => colour('line'), width: 1 },
  ticks: { show: false },
  values: (chart, splits) =>
    splits.map((seconds, index) => timeWords(seconds * 1000, splits[index - 1] * 1000, splits)),
})

function timeWords(ms, beforeMs, splits) {
  const gap = (splits[1] ?? splits[0]) - splits[0]
  const isNewDay = beforeMs > 0 && day(ms) !== day(beforeMs)
  if (gap >= 86_400 || isNewDay) return day(ms).replace(/^\w+,? /, '')
  return gap < 60 ? clockTime(ms) : minuteTime(ms)
}

/** Milliseconds, on the left; `splits` and `words` are the chart's own. */
export const lengthAxis = (more) => ({
  stroke: () => colour('ink-2'),
  font,
  size: 58,
  gap: 6,
  grid: { stroke: () => colour('line'), width: 1 },
  ticks: { show: false },
  ...more,
})
