/**
 * The last hour of a target, a bar a minute. The height says how bad it was, so that nobody needs the colour: low all
 * well, half slow, high some probes failed, full half of them or more. A diamond above is a recycle.
 */
import { now } from './clock.js'
import { cellTone } from './condition.js'
import { h, set } from './dom.js'
import { count, duration, minuteTime, share } from './format.js'
import { stripMinutes } from './state.js'
import { showTooltip } from './tooltip.js'
import { reasonWord } from './words.js'

const minuteMs = 60_000
const [cellWidth, height] = [5, 20]
const heights = { none: 1, ok: 7, slow: 11, failing: 15, down: 20 }
const tones = Object.keys(heights)

/** A strip that shows nothing yet; `draw` shows a target. */
export function createStrip() {
  const paths = new Map(tones.map((tone) => [tone, h('path', { class: `cell ${tone}` })]))
  const drawing = h('svg', {
    viewBox: `0 0 ${stripMinutes * cellWidth} ${height}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  })
  drawing.append(...paths.values())
  const diamonds = h('span', { class: 'diamonds', 'aria-hidden': 'true' })
  const words = h('span', { class: 'visually-hidden' })
  const element = h('span', { class: 'strip' }, diamonds, drawing, words)
  let shown
  element.addEventListener('pointermove', (event) => shown && explain(element, shown, event))
  element.addEventListener('pointerleave', () => showTooltip(undefined))
  const draw = (target) => {
    shown = target
    const last = Math.floor(now() / minuteMs)
    const shapes = new Map(tones.map((tone) => [tone, '']))
    for (let index = 0; index < stripMinutes; index++) {
      const tone = cellTone(target.cells.get(last - stripMinutes + 1 + index), target)
      shapes.set(tone, `${shapes.get(tone)}M${index * cellWidth} ${height}h4v-${heights[tone]}h-4z`)
    }
    for (const [tone, path] of paths) set(path, 'd', shapes.get(tone))
    drawDiamonds(diamonds, target.recycledAtMs, last)
    const text = summary(target)
    if (words.textContent !== text) words.textContent = text
  }
  return { element, draw }
}

function drawDiamonds(diamonds, recycledAtMs, lastMinute) {
  const startMs = (lastMinute - stripMinutes + 1) * minuteMs
  const places = recycledAtMs
    .filter((atMs) => atMs >= startMs)
    .map((atMs) => (100 * (Math.floor((atMs - startMs) / minuteMs) + 0.4)) / stripMinutes)
  while (diamonds.children.length > places.length) diamonds.lastChild.remove()
  while (diamonds.children.length < places.length) diamonds.append(h('i'))
  for (const [index, place] of places.entries()) {
    const left = `${place.toFixed(2)}%`
    if (diamonds.children[index].style.left !== left) diamonds.children[index].style.left = left
  }
}

/** What the strip shows, for those who hear the page. */
function summary(target) {
  const cells = [...target.cells.values()]
  const probes = sum(cells, 'probes')
  const failures = sum(cells, 'failures')
  const recycles = target.recycledAtMs.filter((atMs) => atMs > now() - stripMinutes * minuteMs).length
  if (probes === 0) return 'no probes in the last hour'
  const failed = failures === 0 ? 'none failed' : `${count(failures, 'failure')} (${share(failures, probes)})`
  return `last hour: ${count(probes, 'probe')}, ${failed}, ${count(recycles, 'recycle')}`
}

const sum = (cells, field) => cells.reduce((total, cell) => total + cell[field], 0)

function explain(element, target, event) {
  const box = element.getBoundingClientRect()
  const index = Math.min(
    stripMinutes - 1,
    Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * stripMinutes)),
  )
  const minute = Math.floor(now() / minuteMs) - stripMinutes + 1 + index
  const recycles = target.recycledAtMs.filter((atMs) => Math.floor(atMs / minuteMs) === minute).length
  const lines = [
    `${minuteTime(minute * minuteMs)}  ${cellWords(target.cells.get(minute))}`,
    ...(recycles > 0 ? [count(recycles, 'recycle')] : []),
  ]
  showTooltip(lines.join('\n'), event)
}

function cellWords(cell) {
  if (cell === undefined) return 'no probes'
  const worst = Object.entries(cell.reasons).sort(([, a], [, b]) => b - a)[0]
  const failed = cell.failures === 0 ? 'all well' : `${cell.failures} failed: ${reasonWord(worst[0])}`
  const slowest = cell.maxMs > 0 ? `\nslowest first byte ${duration(cell.maxMs)}` : ''
  return `${count(cell.probes, 'probe')}, ${failed}${slowest}`
}
