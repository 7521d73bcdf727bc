/** The page of one node, or of the balancer: how it answers, how it failed, when it recycled and what that cost. */
import { ask } from './api.js'
import { after } from './clock.js'
import { fill, h } from './dom.js'
import { rangeNamed } from './ranges.js'
import { linkTo } from './router.js'
import { merged, targetKey } from './state.js'
import { createParts } from './target_parts.js'

/** What was read is read anew this often; single probes come by the stream in between. */
const refreshMs = 15_000
/** A read failed: again after so long. */
const againMs = 3000

/** Shows one target in `main`. */
export async function showTarget(main, state, { farm, target, parameters }) {
  const key = targetKey(farm, target)
  const known = state.targets.get(key)
  if (known === undefined) return notThere(main, state, key, farm, target)
  const range = rangeNamed(state.oldestMs, parameters.range, '1h')
  const check = known.checks.has(parameters.check) ? parameters.check : [...known.checks.keys()][0]
  document.title = `${target} – ${farm} – farmprobe`
  const parts = createParts(state, known, range, check)
  fill(main, parts.element)
  const { createCharts } = await import('./charts.js')
  const charts = createCharts(parts.firstByte, parts.phases)
  const leaving = new AbortController()
  const isOurs = (one) => one.farm === farm && (one.target === target || one.node === target)
  let data
  let cancel
  const show = () => {
    parts.draw(data)
    charts.draw(data)
  }
  const read = async () => {
    try {
      data = await readTarget(farm, target, check, range, leaving.signal)
      if (leaving.signal.aborted) return
      show()
      cancel = after(refreshMs, read)
    } catch (error) {
      if (leaving.signal.aborted) return
      parts.problem(error)
      cancel = after(againMs, read)
    }
  }
  await read()
  return {
    draw: (changed) => (changed === undefined || changed.has(key)) && parts.drawNow(state.targets.get(key)),
    tick() {
      parts.drawNow(state.targets.get(key))
      if (data !== undefined) charts.advance(data)
    },
    news(batch) {
      if (data === undefined) return
      const probes = batch.probes.filter((probe) => isOurs(probe) && probe.check === check)
      data.series.probes.push(...probes)
      const events = batch.events.filter(isOurs)
      data.story = merged(
        [...data.story, ...events],
        batch.marks.filter(
          (mark) => [undefined, farm].includes(mark.farm) && [undefined, target].includes(mark.target),
        ),
      )
      if (events.length + batch.marks.length > 0 || probes.some(({ proof }) => proof === 'failure')) {
        cancel?.()
        cancel = after(1000, read)
      }
      if (probes.length > 0) charts.advance(data)
    },
    leave() {
      leaving.abort()
      cancel?.()
      charts.remove()
    },
  }
}

async function readTarget(farm, target, check, range, signal) {
  const since = range.name
  const [series, events, marks, failures] = await Promise.all([
    ask('/api/v1/series', { farm, target, check, since }, signal),
    ask('/api/v1/events', { farm, target, since, limit: 2000 }, signal),
    ask('/api/v1/marks', { farm, target, since }, signal),
    ask('/api/v1/failures', { farm, target, since, limit: 30 }, signal),
  ])
  const story = merged(events.events, marks.marks, events.blind)
  return { range, series, story, blind: events.blind, failures: failures.failures }
}

function notThere(main, state, key, farm, target) {
  document.title = `${target} – farmprobe`
  fill(
    main,
    h(
      'div',
      { class: 'panel lonely' },
      h('h1', {}, `There is no ${target} in ${farm}`),
      h(
        'p',
        {},
        'It may have left the farm. ',
        h('a', { href: linkTo.events({ farm, target }) }, 'What happened to it'),
        ' · ',
        h('a', { href: linkTo.farms() }, 'All farms'),
      ),
    ),
  )
  return {
    draw: () => state.targets.has(key) && dispatchEvent(new HashChangeEvent('hashchange')),
    tick: () => undefined,
  }
}
