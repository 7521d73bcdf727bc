/** Recycles as seen from outside and as IIS counts them, side by side, and whether the counts can be read. */
import { h, set, write } from './dom.js'
import { clockTime, count } from './format.js'
import { createTable, evidenceWords, when } from './happening_tables.js'
import { shape } from './words.js'

const causeWords = { recycle: 'pool recycled', crash: 'worker crashed', start: 'worker started' }

const verdictWords = { both: 'both', outside: 'outside only', inside: 'inside only' }

/** Shows nothing yet. */
export function createCrosscheckTable() {
  const standing = h('p', { class: 'exporter' })
  const table = createTable(['When', 'From outside', 'Inside', 'Seen'], 'No recycle in this time.')
  return {
    element: h('div', {}, standing, table.element),
    /** Whether windows_exporter can be read; `crosscheck` as the API has it. */
    drawStanding(crosscheck) {
      set(standing, 'data-tone', crosscheck.up === false ? 'slow' : 'ok')
      write(standing, standingWords(crosscheck))
    },
    draw({ story }) {
      const checked = story.filter(({ kind }) => kind === 'crosscheck')
      table.draw(checked.map(rowOf).toReversed())
    },
  }
}

function standingWords({ up, detail }) {
  if (up === null) return 'windows_exporter has not been read yet.'
  return up ? 'windows_exporter is read.' : `windows_exporter cannot be read: ${detail}`
}

const rowOf = ({ atMs, seen, outside, inside }) => [
  when(atMs),
  outside === undefined ? '–' : evidenceWords[outside.evidence],
  inside === undefined ? '–' : insideWords(inside),
  seen === 'both'
    ? verdictWords.both
    : h('strong', { class: 'is-apart' }, shape('slow'), ` ${verdictWords[seen]}`),
]

const insideWords = ({ cause, workers, fromMs, toMs }) => [
  workers > 1 ? `${count(workers, 'new worker')}: ${causeWords[cause]}` : causeWords[cause],
  h('span', { class: 'quiet' }, ` ${clockTime(fromMs)} to ${clockTime(toMs)}`),
]
