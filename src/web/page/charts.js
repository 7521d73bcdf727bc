/** The charts of a target: the time to first byte on top, and where the time goes below it, over the same time. */
import { now } from './clock.js'
import { createFirstByteChart } from './first_byte_chart.js'
import { createPhasesChart } from './phases_chart.js'

/** Charts that fill the two places given. */
export function createCharts(firstByteAt, phasesAt) {
  const charts = [createFirstByteChart(firstByteAt), createPhasesChart(phasesAt)]
  let last
  const draw = (data) => {
    last = data
    const untilMs = now()
    for (const chart of charts) chart.draw(data, { sinceMs: untilMs - data.range.ms, untilMs })
  }
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const recolour = () => {
    for (const chart of charts) chart.recolour()
    if (last !== undefined) draw(last)
  }
  scheme.addEventListener('change', recolour)
  const resized = new ResizeObserver(() => charts.forEach((chart) => chart.resize()))
  resized.observe(firstByteAt)
  return {
    draw,
    /** As `draw`, where only time has gone on; long ranges need not follow every second. */
    advance(data) {
      const stepMs = data.range.ms / 1500
      if (last === undefined || now() - lastDrawnMs >= stepMs) {
        lastDrawnMs = now()
        draw(data)
      }
    },
    remove() {
      scheme.removeEventListener('change', recolour)
      resized.disconnect()
      for (const chart of charts) chart.remove()
    },
  }
}

let lastDrawnMs = 0
