/** What is drawn on a chart beside its lines. */

/** Draws within the plot, and in the margin above it. */
export function clipped({ ctx, bbox }, draw) {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top - 14 * devicePixelRatio, bbox.width, bbox.height + 14 * devicePixelRatio)
  ctx.clip()
  draw()
  ctx.restore()
}

/** A dashed line across. */
export function line({ ctx, bbox }, y, stroke, dash) {
  ctx.save()
  ctx.strokeStyle = stroke
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio))
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

/** A failed probe. */
export function cross(ctx, x, y, size, stroke, unit) {
  ctx.strokeStyle = stroke
  ctx.lineWidth = 1.5 * unit
  ctx.beginPath()
  ctx.moveTo(x - size, y - size)
  ctx.lineTo(x + size, y + size)
  ctx.moveTo(x + size, y - size)
  ctx.lineTo(x - size, y + size)
  ctx.stroke()
}

/** A recycle, or its first request. */
export function diamond(ctx, x, y, size, fill, stroke, unit) {
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
  ctx.lineWidth = 1.5 * unit
  ctx.stroke()
}

/** A recycle: a thin line over the whole height, with a diamond on top. */
export function post(chart, atMs, stroke) {
  const { ctx, bbox } = chart
  const x = Math.round(chart.valToPos(atMs / 1000, 'x', true))
  ctx.fillStyle = `${stroke}80`
  ctx.fillRect(x, bbox.top, devicePixelRatio, bbox.height)
  diamond(ctx, x, bbox.top - 6 * devicePixelRatio, 4 * devicePixelRatio, stroke, undefined, devicePixelRatio)
}

/** A mark. */
export function flag(chart, atMs, fill) {
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
