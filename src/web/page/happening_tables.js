/** Recycles and outages as tables. */
import { fill, h } from './dom.js'
import { clockTime, count, day, duration } from './format.js'
import { reasonWord, shape } from './words.js'

const mostRows = 12
/** A first request belongs to the recycle before it when it came within this time. */
const belongsMs = 30 * 60_000

export const evidenceWords = {
  identity: 'another worker answers',
  cold_start: 'one answer as slow as a cold start',
  shutdown_notice: 'it announced its shutdown',
  outage: 'it failed, then answered like a cold start',
}

export const when = (ms) =>
  h(
    'time',
    { datetime: new Date(ms).toISOString(), title: day(ms) },
    `${new Date(ms).toDateString() === new Date().toDateString() ? '' : `${day(ms)} `}${clockTime(ms)}`,
  )

export function createTable(headings, none) {
  const body = h('tbody')
  const more = h('p', { class: 'more' })
  const table = h(
    'table',
    { class: 'rows' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        headings.map((words) => h('th', { scope: 'col' }, words)),
      ),
    ),
    body,
  )
  const empty = h('p', { class: 'empty' }, none)
  return {
    element: h('div', { class: 'table' }, table, empty, more),
    draw(rows) {
      table.hidden = rows.length === 0
      empty.hidden = rows.length > 0
      fill(
        body,
        rows.slice(0, mostRows).map((cells) =>
          h(
            'tr',
            {},
            cells.map((cell) => h('td', {}, cell)),
          ),
        ),
      )
      fill(
        more,
        rows.length > mostRows ? `and ${count(rows.length - mostRows, 'earlier one')} in this time` : '',
      )
    },
  }
}

/** Each recycle with what it is concluded from and its first request. */
export function createRecycleTable() {
  const table = createTable(['When', 'Evidence', 'Sure', 'First request'], 'No recycle in this time.')
  return {
    element: table.element,
    draw({ story, series }) {
      const first = story.filter(({ kind }) => kind === 'first_request')
      const recycles = story.filter(({ kind }) => kind === 'recycle')
      table.draw(
        recycles
          .map((recycle, index) => {
            const untilMs = recycles[index + 1]?.atMs ?? Number.POSITIVE_INFINITY
            const request = first.find(
              ({ atMs }) => atMs >= recycle.atMs - 2000 && atMs < Math.min(untilMs, recycle.atMs + belongsMs),
            )
            return [
              when(recycle.atMs),
              evidenceWords[recycle.evidence],
              `${Math.round(recycle.confidence * 100)} %`,
              requestWords(request, series.baselineMs),
            ]
          })
          .toReversed(),
      )
    },
  }
}

function requestWords(request, baselineMs) {
  if (request === undefined) return '–'
  const times = baselineMs > 0 ? Math.round(request.firstByteMs / baselineMs) : 0
  return [
    h('strong', {}, duration(request.firstByteMs)),
    request.reason === 'ok' ? '' : ` ${reasonWord(request.reason)}`,
    times > 1 ? h('span', { class: 'quiet' }, ` ${times}× usual`) : '',
  ]
}

/** Each outage with how long it was and what failed. */
export function createOutageTable() {
  const table = createTable(['Began', 'Lasted', 'Check', 'What failed'], 'No outage in this time.')
  return {
    element: table.element,
    draw({ story }) {
      const closed = story.filter(({ kind }) => kind === 'outage_closed')
      const isClosed = (opened) =>
        closed.some((other) => other.atMs === opened.atMs && other.check === opened.check)
      const open = story.filter((event) => event.kind === 'outage_opened' && !isClosed(event))
      const rows = [...closed, ...open].sort((a, b) => b.atMs - a.atMs)
      table.draw(
        rows.map((outage) =>
          outage.kind === 'outage_closed'
            ? [
                when(outage.atMs),
                h('strong', {}, duration(outage.lengthMs)),
                outage.check,
                tally(outage.failures),
              ]
            : [
                when(outage.atMs),
                h('strong', { class: 'is-bad' }, shape('bad'), ' still on'),
                outage.check,
                outage.detail || reasonWord(outage.reason),
              ],
        ),
      )
    },
  }
}

const tally = (failures) =>
  Object.entries(failures)
    .map(([reason, number]) => `${number} × ${reasonWord(reason)}`)
    .join(', ')
