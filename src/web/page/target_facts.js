/** A target in five figures, over the time that is looked at. */
import { now } from './clock.js'
import { h, write } from './dom.js'
import { age, count, duration, share } from './format.js'

/** Figures that show nothing yet. */
export function createFacts(role) {
  const names = [
    'Usual first byte',
    'Failed probes',
    'Outages',
    ...(role === 'node' ? ['Recycles', 'First requests'] : ['Errors explained']),
  ]
  const values = new Map(
    names.map((name) => [
      name,
      { value: h('dd', { class: 'value' }, '–'), note: h('dd', { class: 'note' }, ' ') },
    ]),
  )
  const element = h(
    'dl',
    { class: 'facts' },
    names.map((name) => h('div', {}, h('dt', {}, name), values.get(name).value, values.get(name).note)),
  )
  const put = (name, value, note) => {
    write(values.get(name).value, value)
    write(values.get(name).note, note || ' ')
  }
  return {
    element,
    draw({ series, story }) {
      const of = (kind) => story.filter((event) => event.kind === kind)
      put(
        'Usual first byte',
        series.baselineMs === null ? '–' : duration(series.baselineMs),
        series.highMs === null ? 'not known yet' : `98 of 100 within ${duration(series.highMs)}`,
      )
      const probes = sum(series.steps.map((step) => step.probes))
      const failures = sum(series.steps.map((step) => step.failures))
      put(
        'Failed probes',
        share(failures, probes),
        `${failures.toLocaleString()} of ${probes.toLocaleString()}`,
      )
      const closed = of('outage_closed')
      const downMs = sum(closed.map(({ lengthMs }) => lengthMs))
      put(
        'Outages',
        String(Math.max(of('outage_opened').length, closed.length)),
        closed.length === 0
          ? ''
          : `${duration(downMs)} in all, longest ${duration(Math.max(...closed.map(({ lengthMs }) => lengthMs)))}`,
      )
      if (role === 'balancer')
        return put('Errors explained', String(of('balancer_error').length), blamed(of('balancer_error')))
      const recycles = of('recycle')
      put(
        'Recycles',
        String(recycles.length),
        recycles.length === 0 ? '' : `last ${age(now() - recycles.at(-1).atMs)} ago`,
      )
      const first = of('first_request')
        .map(({ firstByteMs }) => firstByteMs)
        .sort((a, b) => a - b)
      put(
        'First requests',
        first.length === 0 ? '–' : duration(first[Math.floor((first.length - 1) / 2)]),
        first.length === 0 ? '' : `median of ${first.length}, slowest ${duration(first.at(-1))}`,
      )
    },
  }
}

function blamed(errors) {
  const nodes = new Map()
  for (const { node } of errors) nodes.set(node, (nodes.get(node) ?? 0) + 1)
  const worst = [...nodes].sort(([, a], [, b]) => b - a)[0]
  return worst === undefined ? '' : `${worst[0]}: ${count(worst[1], 'time')}`
}

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0)
