/** The farms at a glance: a verdict each, and a row for the balancer and every node. */
import { now } from './clock.js'
import { condense } from './condense.js'
import { conditionOf } from './condition.js'
import { fill, h, set, write } from './dom.js'
import { age, count, duration, roughAge } from './format.js'
import { linkTo } from './router.js'
import { targetKey, worstCheck } from './state.js'
import { createStoryList } from './story_list.js'
import { createStrip } from './strip.js'
import { shape, verdictTone, verdictWords } from './words.js'

/** Rows that are drawn in one frame: a farm of hundreds is drawn over several, and the page never stands still. */
const rowsPerFrame = 40
/** Events beside the farms; a link leads to the others. */
const mostTold = 60
/** Troubled nodes that are named; of more their number is told. */
const mostNamed = 4

/** Shows all farms in `main`. */
export function showOverview(main, state) {
  document.title = 'farmprobe'
  const list = createStoryList()
  const farms = h('div', { class: 'farms' })
  const aside = h(
    'aside',
    { class: 'story', 'aria-label': 'What happened' },
    h('header', {}, h('h2', {}, 'What happened'), h('a', { href: linkTo.events({}) }, 'All events')),
    list.element,
  )
  fill(main, h('h1', { class: 'visually-hidden' }, 'Farms'), h('div', { class: 'overview' }, farms, aside))
  let sections = []
  const rebuild = () => {
    sections = state.farms.map((farm) => farmSection(farm))
    fill(
      farms,
      sections.length === 0
        ? h('p', { class: 'loading' }, 'No farm is probed yet.')
        : sections.map(({ element }) => element),
    )
  }
  const isSame = () =>
    sections.length === state.farms.length && sections.every(({ shows }, index) => shows(state.farms[index]))
  const draw = (changed) => {
    if (!isSame()) rebuild()
    const all = changed === undefined
    for (const [index, section] of sections.entries())
      section.draw(state.farms[index], state, all ? undefined : changed)
    if (all || changed.has('story')) list.draw(condense(state.story.toReversed()).slice(0, mostTold))
  }
  draw()
  return { draw, tick: () => sections.forEach(({ tick }) => tick()), minute: () => draw() }
}

function farmSection(farm) {
  const verdict = createVerdict()
  const trouble = h('p', { class: 'trouble' })
  const rows = farm.targets.map((target) => createRow(farm, target))
  const names = farm.targets.map(({ target }) => target).join('\n')
  const headings = ['Target', 'State', 'First byte', 'Last hour', 'Recycled']
  const element = h(
    'section',
    { class: 'farm', 'aria-label': `Farm ${farm.name}` },
    h('header', {}, h('h2', {}, farm.name), h('span', { class: 'url' }, farm.url), verdict.element),
    trouble,
    h(
      'table',
      { role: 'table', class: 'targets' },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, headings.map(heading))),
      h(
        'tbody',
        { role: 'rowgroup' },
        rows.map(({ element }) => element),
      ),
    ),
  )
  let shown = farm
  let targets = new Map()
  const waiting = new Set()
  let isDrawing = false
  const drawSome = () => {
    for (const row of [...waiting].slice(0, rowsPerFrame)) {
      waiting.delete(row)
      row.draw(targets.get(row.key))
    }
    isDrawing = waiting.size > 0
    if (isDrawing) requestAnimationFrame(drawSome)
  }
  return {
    element,
    shows: (other) =>
      other.name === farm.name && other.targets.map(({ target }) => target).join('\n') === names,
    draw(current, state, changed) {
      shown = current
      targets = state.targets
      verdict.draw(current)
      const touched = changed === undefined ? rows : rows.filter(({ key }) => changed.has(key))
      for (const row of touched) waiting.add(row)
      if (touched.length > 0) write(trouble, troubleWords(current, state))
      if (!isDrawing) drawSome()
    },
    tick() {
      verdict.tick(shown)
      for (const row of rows) row.tick()
    },
  }
}

const heading = (words) =>
  h(
    'th',
    { role: 'columnheader', scope: 'col', class: `is-${words.toLowerCase().replace(' ', '-')}` },
    words,
    words === 'Last hour' &&
      h(
        'span',
        { class: 'hour-ends', 'aria-hidden': 'true' },
        h('span', {}, '-60 min'),
        h('span', {}, 'now'),
      ),
  )

function troubleWords(farm, state) {
  const nodes = farm.targets.filter(({ role }) => role === 'node')
  const failing = nodes.filter(
    ({ target }) => conditionOf(state.targets.get(targetKey(farm.name, target))).tone === 'bad',
  )
  const checks = farm.checks.map(({ name }) => name).join(', ')
  if (failing.length === 0)
    return `${count(nodes.length, 'node')}, none failing; ${farm.checks.length === 1 ? 'check' : 'checks'} ${checks}`
  const named = failing
    .slice(0, mostNamed)
    .map(({ target }) => target)
    .join(', ')
  const others = failing.length > mostNamed ? ` and ${failing.length - mostNamed} more` : ''
  return `${failing.length} of ${count(nodes.length, 'node')} failing: ${named}${others}`
}

/** The verdict on a farm: shape, sentence and for how long. */
export function createVerdict() {
  const icon = h('span', { class: 'icon' })
  const words = h('strong')
  const since = h('span', { class: 'since' })
  const element = h('p', { class: 'verdict' }, icon, words, since)
  let tone
  const tick = (farm) => {
    const check = worstCheck(farm)
    const which =
      check !== undefined && farm.checks.length > 1 && check.verdict !== 'ok' ? `${check.name}, ` : ''
    write(since, check === undefined ? '' : `${which}for ${age(now() - check.verdictSinceMs)}`)
  }
  return {
    element,
    tick,
    draw(farm) {
      const verdict = worstCheck(farm)?.verdict
      const next = verdictTone[verdict] ?? 'unknown'
      if (next !== tone) fill(icon, shape(next))
      tone = next
      set(element, 'data-tone', next)
      write(words, `${verdictWords[verdict] ?? 'No verdict yet'}${farm.maintenance ? ' (maintenance)' : ''}`)
      tick(farm)
    },
  }
}

function createRow(farm, { target, role, address }) {
  const icon = h('span', { class: 'icon' })
  const words = h('span', { class: 'words' })
  const first = h('span', { class: 'number' })
  const usual = h('span', { class: 'usual' })
  const recycled = h('span', {})
  const strip = createStrip()
  const link = h('a', { href: linkTo.target(farm.name, target), title: address }, target)
  const element = h(
    'tr',
    { role: 'row', 'data-role': role },
    h('th', { role: 'rowheader', scope: 'row', class: 'is-target' }, link),
    h('td', { role: 'cell', class: 'is-state' }, icon, words),
    h('td', { role: 'cell', class: 'is-first-byte' }, first, usual),
    h('td', { role: 'cell', class: 'is-last-hour' }, strip.element),
    h('td', { role: 'cell', class: 'is-recycled' }, recycled),
  )
  let shown
  let tone
  const tick = () => {
    if (shown === undefined) return
    write(recycled, recycledWords(shown, role))
  }
  return {
    key: targetKey(farm.name, target),
    element,
    tick,
    draw(known) {
      if (known === undefined) return
      shown = known
      const condition = conditionOf(known)
      if (condition.tone !== tone) fill(icon, shape(condition.tone))
      tone = condition.tone
      set(element, 'data-tone', tone)
      write(words, condition.words)
      const check = condition.check ?? [...known.checks.values()][0]
      write(first, firstByteWords(check?.last))
      write(usual, typeof check?.baselineMs === 'number' ? `usually ${duration(check.baselineMs)}` : '')
      strip.draw(known)
      tick()
    },
  }
}

const firstByteWords = (last) => (last?.firstByteMs === undefined ? '–' : duration(last.firstByteMs))

function recycledWords({ lastRecycleMs }, role) {
  if (role === 'balancer') return ''
  return lastRecycleMs === null ? '–' : `${roughAge(now() - lastRecycleMs)} ago`
}
