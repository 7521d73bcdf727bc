/** Failed probes, each to be opened: the whole of what came back, as text and nothing but text. */
import { fill, h, write } from './dom.js'
import { clockTime, day, duration } from './format.js'
import { failureWords, shape } from './words.js'

/** Failures that are shown unless more are asked for. */
const atFirst = 10

/** A list that shows nothing yet. */
export function createFailureList() {
  const list = h('ul', { class: 'failures' })
  const more = h('button', { type: 'button', hidden: true, onclick: () => showAll() })
  const items = new Map()
  let known = []
  let isAll = false
  const draw = () => {
    const wanted = known.slice(0, isAll ? known.length : atFirst).map((failure) => {
      if (!items.has(failure.id)) items.set(failure.id, itemOf(failure))
      return items.get(failure.id)
    })
    if (wanted.length === 0) fill(list, h('li', { class: 'empty' }, 'No failed probe in this time.'))
    else if (!isShown(list, wanted)) list.replaceChildren(...wanted)
    more.hidden = isAll || known.length <= atFirst
    write(more, `Show ${known.length - atFirst} more`)
  }
  const showAll = () => {
    isAll = true
    draw()
  }
  return {
    element: h('div', {}, list, more),
    draw(failures) {
      known = failures
      draw()
    },
  }
}

const isShown = ({ children }, wanted) =>
  wanted.length === children.length && wanted.every((item, index) => children[index] === item)

function itemOf(failure) {
  const { atMs, detail, tells, lane, check, totalMs } = failure
  return h(
    'li',
    {},
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h('time', { datetime: failure.at, title: day(atMs) }, clockTime(atMs)),
        shape('bad'),
        h('strong', {}, failureWords(failure)),
        h(
          'span',
          { class: 'quiet' },
          `${check}, ${lane === 'tick' ? '' : `${lane}, `}after ${duration(totalMs)}`,
        ),
      ),
      h('p', { class: 'detail' }, detail, tells !== null && ` Made by ${tells}.`),
      answerOf(failure),
      factsOf(failure),
    ),
  )
}

function answerOf({ status, evidence }) {
  if (evidence === null)
    return h('p', { class: 'quiet' }, status === 0 ? 'No answer came.' : 'Nothing of the answer was kept.')
  const head = [
    `${status} ${evidence.statusText}`,
    ...evidence.headers.map(({ name, value }) => `${name}: ${value}`),
  ].join('\n')
  return h(
    'div',
    { class: 'answer' },
    h('pre', { tabindex: '0', 'aria-label': 'Status line and headers' }, head),
    evidence.bodyStart === ''
      ? h('p', { class: 'quiet' }, 'The body was empty, or none came.')
      : h(
          'pre',
          { class: 'body', tabindex: '0', 'aria-label': 'The first bytes of the body' },
          evidence.bodyStart,
        ),
  )
}

function factsOf({ id, address, origin, servedBy, phaseMs, lane }) {
  const phases = Object.entries(phaseMs)
    .map(([phase, ms]) => `${phase} ${duration(ms)}`)
    .join(', ')
  const facts = [
    ['Origin', origin],
    ['Served by', servedBy],
    ['Phases', phases],
    ['Address', address],
    ['Lane', lane],
    ['Probe', id],
  ].filter(([, value]) => value)
  return h(
    'dl',
    { class: 'probe-facts' },
    facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  )
}
