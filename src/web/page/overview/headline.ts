/** Is anything wrong? Six words that can be read from across the room. */
import { html, type Markup } from '../markup.ts'
import { toneShape } from '../parts/shapes.ts'
import { type FarmNow, isTroubled, nodesOf, troubleSentence } from '../state/farms_now.ts'
import { count } from '../words/format.ts'
import { clockTime, day, isToday, lasting, zone } from '../words/times.ts'
import type { Tone } from '../words/words.ts'

/** Farms in trouble that are described; the others are counted. */
const mostNamed = 3

export function headline(all: readonly FarmNow[]): Markup {
  const [tone, words, note] = summaryOf(all)
  return html`
    <header class="headline" data-tone=${tone}>
      ${toneShape(tone)}
      <h1>${words}</h1>
      <p>${note}</p>
    </header>`
}

function summaryOf(all: readonly FarmNow[]): readonly [tone: Tone, words: string, note: string] {
  const troubled = all.filter(isTroubled)
  const [first] = all
  if (first === undefined) return ['unknown', 'No farm is probed yet', 'The configuration names none.']
  if (troubled.length > 0) {
    const tone = troubled.some(({ condition }) => condition.tone === 'bad') ? 'bad' : 'slow'
    const words =
      all.length === 1
        ? `${first.farm.name} is in trouble`
        : `${troubled.length} of ${all.length} farms ${troubled.length === 1 ? 'is' : 'are'} in trouble`
    return [tone, words, troubleNote(troubled, all.length === 1)]
  }
  const unknown = all.filter(({ condition }) => condition.tone === 'unknown')
  if (unknown.length > 0) {
    const names = unknown.slice(0, mostNamed).map(({ farm }) => farm.name)
    const others = unknown.length > mostNamed ? ` and ${unknown.length - mostNamed} more` : ''
    const words =
      unknown.length === all.length
        ? 'Not known yet'
        : `${unknown.length} of ${all.length} farms: not known yet`
    return ['unknown', words, `Nothing proves so far how ${names.join(', ')}${others} fare.`]
  }
  return [
    'ok',
    all.length === 1 ? `${first.farm.name} is well` : `All ${all.length} farms are well`,
    calmNote(all),
  ]
}

function troubleNote(troubled: readonly FarmNow[], isOnly: boolean): string {
  const sentences = troubled
    .slice(0, mostNamed)
    .map((one) => (isOnly ? troubleSentence(one).replace(`${one.farm.name}: `, '') : troubleSentence(one)))
  const more = troubled.length - mostNamed
  return [...sentences, ...(more > 0 ? [`And ${count(more, 'farm')} more.`] : [])].join(' ')
}

function calmNote(all: readonly FarmNow[]): string {
  const nodes = all.reduce((sum, one) => sum + nodesOf(one).length, 0)
  const sinceMs = all.reduce((latest, { condition }) => Math.max(latest, condition.sinceMs ?? 0), 0)
  const farms = all.length === 1 ? '' : `${count(all.length, 'farm')}, `
  const since = `${isToday(sinceMs) ? '' : `${day(sinceMs)} `}${clockTime(sinceMs)} ${zone(sinceMs)}`
  return `${farms}${count(nodes, 'node')}. Nothing has been wrong since ${since}, ${lasting(sinceMs)}.`
}
