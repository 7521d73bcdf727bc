/** What is drawn on a chart beside its lines; places are in pixels of the canvas. */
import type uPlot from 'uplot'

type Context = CanvasRenderingContext2D

/** Draws within the plot, and in the margin above it. */
export function clipped({ ctx, bbox }: uPlot, draw: () => void): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top - 14 * devicePixelRatio, bbox.width, bbox.height + 14 * devicePixelRatio)
  ctx.clip()
  draw()
  ctx.restore()
}

export function dashedLine({ ctx, bbox }: uPlot, y: number, stroke: string): void {
  ctx.save()
  ctx.strokeStyle = stroke
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

export function cross(ctx: Context, x: number, y: number, stroke: string): void {
  const unit = devicePixelRatio
  const size = 3 * unit
  ctx.strokeStyle = stroke
  ctx.lineWidth = 1.5 * unit
  ctx.beginPath()
  ctx.moveTo(x - size, y - size)
  ctx.lineTo(x + size, y + size)
  ctx.moveTo(x + size, y - size)
  ctx.lineTo(x - size, y + size)
  ctx.stroke()
}

/** A recycle, or its first request: `size` from the middle to each corner. */
export function diamond(ctx: Context, x: number, y: number, size: number, fill: string, stroke?: string) {
  ctx.beginPath()
  ctx.moveTo(x, y - size)
  ctx.lineTo(x + size, y)
  ctx.lineTo(x, y + size)
  ctx.lineTo(x - size, y)
  ctx.closePath()
  ctx.fillStyle = fill
  ctx.fill()
  if (stroke === undefined) return
  ctx.strokeStyle = stroke
  ctx.lineWidth = 1.5 * devicePixelRatio
  ctx.stroke()
}

/** A recycle: a thin line over the whole height, with a diamond on top. */
export function recycleLine(chart: uPlot, atMs: number, stroke: string): void {
  const { ctx, bbox } = chart
  const x = Math.round(chart.valToPos(atMs / 1000, 'x', true))
  ctx.fillStyle = `${stroke}80`
  ctx.fillRect(x, bbox.top, devicePixelRatio, bbox.height)
  diamond(ctx, x, bbox.top - 6 * devicePixelRatio, 4 * devicePixelRatio, stroke)
}

/** A stall: a bracket at the bottom, as long as it was. */
export function bracket(chart: uPlot, fromMs: number, toMs: number, fill: string): void {
  const { ctx, bbox } = chart
  const unit = devicePixelRatio
  const left = Math.round(chart.valToPos(fromMs / 1000, 'x', true))
  const width = Math.max(6 * unit, Math.round(chart.valToPos(toMs / 1000, 'x', true)) - left)
  const bottom = bbox.top + bbox.height
  ctx.fillStyle = fill
  ctx.fillRect(left, bottom - 4 * unit, width, 1.5 * unit)
  for (const x of [left, left + width - 1.5 * unit]) ctx.fillRect(x, bottom - 7 * unit, 1.5 * unit, 7 * unit)
}

export function flag(chart: uPlot, atMs: number, fill: string): void {
  const { ctx, bbox } = chart
  const unit = devicePixelRatio
  const x = Math.round(chart.valToPos(atMs / 1000, 'x', true))
  ctx.fillStyle = fill
  ctx.fillRect(x, bbox.top - 12 * unit, 1.5 * unit, bbox.height + 12 * unit)
  ctx.beginPath()
  ctx.moveTo(x, bbox.top - 12 * unit)
  ctx.lineTo(x + 10 * unit, bbox.top - 8 * unit)
  ctx.lineTo(x, bbox.top - 4 * unit)
  ctx.fill()
}
