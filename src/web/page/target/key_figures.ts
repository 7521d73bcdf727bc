/** A target in four or five figures, over the time that is looked at. */
import { html, type Markup } from '../markup.ts'
import { ofKind } from '../state/feed.ts'
import type { TargetState } from '../state/page_state.ts'
import { count, duration, share } from '../words/format.ts'
import { ago } from '../words/times.ts'
import type { TargetData } from './target_data.ts'

type Figure = readonly [name: string, value: string, note: string]

export function keyFigures(role: TargetState['role'], data: TargetData): Markup {
  const ofRole = role === 'node' ? [recycles, firstRequests] : [explained]
  return html`
    <dl class="figures">
      ${[usualFirstByte, failedProbes, outages, ...ofRole].map((figure) => {
        const [name, value, note] = figure(data)
        return html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="note">${note || ' '}</dd></div>`
      })}
    </dl>`
}

const usualFirstByte = ({ series: { baselineMs, highMs } }: TargetData): Figure => [
  'Usual first byte',
  baselineMs === null ? '–' : duration(baselineMs),
  highMs === null ? 'not known yet' : `98 of 100 within ${duration(highMs)}`,
]

function failedProbes({ series: { steps } }: TargetData): Figure {
  const [probes, failures] = [sum(steps.map((step) => step.probes)), sum(steps.map((step) => step.failures))]
  return [
    'Failed probes',
    share(failures, probes),
    `${failures.toLocaleString()} of ${probes.toLocaleString()}`,
  ]
}

function outages({ feed }: TargetData): Figure {
  const lengths = ofKind(feed, 'outage_closed').map(({ lengthMs }) => lengthMs)
  const number = Math.max(ofKind(feed, 'outage_opened').length, lengths.length)
  const note = `${duration(sum(lengths))} in all, longest ${duration(lengths.reduce((most, ms) => Math.max(most, ms), 0))}`
  return ['Outages', String(number), lengths.length === 0 ? '' : note]
}

function recycles({ feed }: TargetData): Figure {
  const all = ofKind(feed, 'recycle')
  const last = all.at(-1)
  return ['Recycles', String(all.length), last === undefined ? '' : `last ${ago(last.atMs)}`]
}

function firstRequests({ feed }: TargetData): Figure {
  const sorted = ofKind(feed, 'first_request')
    .map(({ firstByteMs }) => firstByteMs)
    .sort((a, b) => a - b)
  const [median, slowest] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)]
  if (median === undefined || slowest === undefined) return ['First requests', '–', '']
  return ['First requests', duration(median), `median of ${sorted.length}, slowest ${duration(slowest)}`]
}

function explained({ feed }: TargetData): Figure {
  const errors = ofKind(feed, 'balancer_error')
  const byNode = new Map<string, number>()
  for (const { node } of errors) byNode.set(node, (byNode.get(node) ?? 0) + 1)
  const [worst] = [...byNode].sort(([, a], [, b]) => b - a)
  return ['Errors explained', String(errors.length), worst ? `${worst[0]}: ${count(worst[1], 'time')}` : '']
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
