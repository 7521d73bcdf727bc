/** A uPlot chart within a component. */
import type { RefObject } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { now } from '../state/server_clock.ts'
import type { TargetData } from '../target/target_data.ts'

/** Data with the times to draw it from and to. */
export interface Shown extends TargetData {
  readonly sinceMs: number
  readonly untilMs: number
}

/** However little is known, the axis is so long. */
const shortestMs = 5 * 60_000

/** From where on a chart is drawn: a range that is longer than the data is not drawn as an empty chart. */
function firstMs({ series: { steps }, range }: TargetData, untilMs: number): number {
  const wantedMs = untilMs - range.ms
  const knownMs = steps[0]?.atMs ?? wantedMs
  return Math.max(wantedMs, Math.min(knownMs, untilMs - shortestMs))
}

/** A long range does not follow the time every second, but in steps of about half a pixel. */
const stepsOfRange = 1500

/**
 * Creates a chart in `place` when the component is shown, calls `draw` for its data and its scale `ms` when they change, and
 * removes the chart with the component.
 */
export function useChart(
  data: TargetData,
  options: (shown: () => Shown) => Omit<uPlot.Options, 'width'>,
  draw: (chart: uPlot, shown: Shown) => void,
): { readonly place: RefObject<HTMLDivElement | null>; readonly shown: Shown } {
  const stepMs = data.range.ms / stepsOfRange
  const untilMs = Math.ceil(now() / stepMs) * stepMs
  const shown = useMemo(() => ({ ...data, sinceMs: firstMs(data, untilMs), untilMs }), [data, untilMs])
  const latest = useRef(shown)
  latest.current = shown
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | undefined>(undefined)
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const width = () => Math.max(200, element.clientWidth)
    const made = new uPlot({ ...options(() => latest.current), width: width() }, undefined, element)
    chart.current = made
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const recolour = () => made.redraw(true, true)
    scheme.addEventListener('change', recolour)
    const resized = new ResizeObserver(() => made.setSize({ width: width(), height: made.height }))
    resized.observe(element)
    return () => {
      scheme.removeEventListener('change', recolour)
      resized.disconnect()
      made.destroy()
    }
  }, [])
  useEffect(() => {
    if (chart.current === undefined) return
    draw(chart.current, shown)
    chart.current.setScale('x', { min: shown.sinceMs / 1000, max: shown.untilMs / 1000 })
  }, [shown])
  return { place, shown }
}
