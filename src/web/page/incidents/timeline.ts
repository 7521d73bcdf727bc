/** The balancer and the nodes of a farm over the time of an incident, on one axis. */
import { html, type Markup } from '../markup.ts'
import { length } from '../words/format.ts'
import { errorWords } from '../words/incident_words.ts'
import { clockTime } from '../words/times.ts'
import type { IncidentData } from './incident_data.ts'
import { axisTicks, type Lane, type LaneSpan, lanesOf, shownSpan, type TimeSpan } from './lanes.ts'

const legendWords = {
  well: 'answers',
  waiting: 'a request waits',
  down: 'fails',
  cross: 'failed answer',
  stall: 'stall: answered nobody',
  recycle: 'recycle',
  first: 'first request answered',
}

export function timeline(data: IncidentData, targets: readonly string[]): Markup {
  const { incident } = data
  const span = shownSpan(incident)
  const { lanes, others } = lanesOf(data, targets, span)
  const place = (atMs: number) => `${((100 * (atMs - span.fromMs)) / (span.toMs - span.fromMs)).toFixed(2)}%`
  const wide = ({ fromMs, toMs }: TimeSpan) => ({
    left: place(Math.max(fromMs, span.fromMs)),
    width: `calc(${place(span.fromMs + Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs))})`,
  })
  const whole = { fromMs: incident.openedMs, toMs: incident.closedMs ?? span.toMs }
  const lane = ({ target, spans, marks }: Lane) => html`
    <div class="lane" key=${target}>
      <div class="who">${target}</div>
      <div class="note">${noteOf(data, target, spans)}</div>
      <div class="track" role="img" aria-label=${describe(target, spans, marks)}>
        <span class="within" style=${wide(whole)} />
        ${spans.map((each) => html`<span class=${each.kind} style=${wide(each)} />`)}
        ${marks.map(({ kind, atMs }) => html`<i class=${kind} style=${{ left: place(atMs) }} />`)}
      </div>
    </div>`
  const kinds = new Set(
    lanes.flatMap(({ spans, marks }) => [...spans, ...marks].map(({ kind }) => kind as string)),
  )
  return html`
    <div class="timeline">
      <div class="whole" aria-hidden="true"><span style=${wide(whole)}>${length(whole.toMs - whole.fromMs)}</span></div>
      ${lanes.map(lane)}
      <div class="axis" aria-hidden="true">
        ${axisTicks(span).map((atMs) => html`<span style=${{ left: place(atMs) }}>${clockTime(atMs)}</span>`)}
      </div>
    </div>
    ${others > 0 && html`<p class="quiet">${others} more nodes, of which none failed.</p>`}
    <ul class="legend timeline-legend" aria-label="Legend">
      ${Object.entries(legendWords)
        .filter(([kind]) => kinds.has(kind))
        .map(([kind, words]) => html`<li><i class="sample ${kind}" />${words}</li>`)}
    </ul>`
}

function noteOf({ incident, failures }: IncidentData, target: string, spans: readonly LaneSpan[]): Markup {
  if (target === 'balancer') return html`<b>${errorWords(incident) || 'no failure'}</b>`
  const longest = (wanted: LaneSpan['kind']) =>
    spans
      .filter(({ kind }) => kind === wanted)
      .reduce((most, { fromMs, toMs }) => Math.max(most, toMs - fromMs), 0)
  const [stall, down] = [longest('stall'), longest('down')]
  const failed = failures.filter((failure) => failure.target === target).length
  if (down > stall) return html`<b>failed</b> for ${length(down)}`
  if (stall > 0) return html`<b>no answer</b> for ${length(stall)}`
  return failed === 0 ? 'no failure' : html`<b>${failed}</b> failed`
}

/** A lane in words, for those who do not see it. */
function describe(target: string, spans: readonly LaneSpan[], marks: Lane['marks']): string {
  const parts = [
    ...spans
      .filter(({ kind }) => kind !== 'well')
      .map(
        ({ kind, fromMs, toMs }) => `${legendWords[kind]} from ${clockTime(fromMs)} to ${clockTime(toMs)}`,
      ),
    ...marks
      .filter(({ kind }) => kind !== 'cross')
      .map(({ kind, atMs }) => `${legendWords[kind]} at ${clockTime(atMs)}`),
  ]
  const crosses = marks.filter(({ kind }) => kind === 'cross').length
  return `${target}: ${[...parts.slice(0, 12), ...(crosses > 0 ? [`${crosses} failed answers`] : [])].join('; ') || 'answers throughout'}`
}
