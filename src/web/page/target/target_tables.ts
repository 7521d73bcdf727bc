/** Recycles and outages as tables, and recycles as they are seen from outside and as IIS counts them. */
import { html, type Markup } from '../markup.ts'
import { toneShape } from '../parts/shapes.ts'
import type { FarmEvent } from '../state/api_client.ts'
import { type FeedEntry, ofKind } from '../state/feed.ts'
import type { TargetState } from '../state/page_state.ts'
import { count, duration } from '../words/format.ts'
import { clockTime, dayTime, isToday, timeOf } from '../words/times.ts'
import { failureCounts, failureWords, wasWords } from '../words/words.ts'
import type { TargetData } from './target_data.ts'

type Event<Kind extends FarmEvent['kind']> = Extract<FarmEvent, { kind: Kind }>

const mostRows = 12
/** A first request belongs to a recycle when it came within this time after it, */
const belongsMs = 30 * 60_000
/** or this much before: a recycle may be noticed by its first request. */
const earlierMs = 2000

const evidenceWords: Readonly<Record<Event<'recycle'>['evidence'], string>> = {
  identity: 'another worker answers',
  cold_start: 'one answer as slow as a cold start',
  shutdown_notice: 'it announced its shutdown',
  outage: 'it failed, then answered like a cold start',
}

function table(headings: readonly string[], none: string, rows: readonly (readonly Markup[])[]): Markup {
  if (rows.length === 0) return html`<p class="empty">${none}</p>`
  const more = rows.length - mostRows
  return html`
    <table class="rows">
      <thead><tr>${headings.map((words) => html`<th scope="col">${words}</th>`)}</tr></thead>
      <tbody>
        ${rows.slice(0, mostRows).map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
      </tbody>
    </table>
    ${more > 0 && html`<p class="more">and ${count(more, 'earlier one')} in this time</p>`}`
}

const when = (ms: number): Markup => timeOf(ms, isToday(ms) ? clockTime(ms) : dayTime(ms))

/** Each recycle with what it is concluded from and its first request. */
export function recycleTable({ feed, series }: TargetData): Markup {
  const requests = ofKind(feed, 'first_request')
  const recycles = ofKind(feed, 'recycle')
  const reasons = new Map(
    ofKind(feed, 'crosscheck').flatMap(({ outside, inside }) =>
      outside && inside?.was ? [[outside.atMs, wasWords(inside.was)]] : [],
    ),
  )
  const rows = recycles.map(({ atMs, evidence, confidence }, index) => {
    const untilMs = Math.min(recycles[index + 1]?.atMs ?? Number.POSITIVE_INFINITY, atMs + belongsMs)
    const first = requests.find((request) => request.atMs >= atMs - earlierMs && request.atMs < untilMs)
    const sure = `${Math.round(confidence * 100)} %`
    const why = reasons.get(atMs)
    const shown = why === undefined ? evidenceWords[evidence] : html`<strong>${why}</strong>`
    return [when(atMs), shown, sure, first ? requestWords(first, series.baselineMs) : '–']
  })
  return table(
    ['When', 'Why, or evidence', 'Sure', 'First request'],
    'No recycle in this time.',
    rows.toReversed(),
  )
}

function requestWords({ firstByteMs, reason, userFirst }: Event<'first_request'>, baselineMs: number | null) {
  const times = baselineMs ? Math.round(firstByteMs / baselineMs) : 0
  return html`
    ${userFirst && "a user's, at least "}<strong>${duration(firstByteMs)}</strong>${reason !== 'ok' && ` ${failureWords(reason)}`}
    ${times > 1 && html`<span class="quiet"> ${times}× usual</span>`}`
}

export function outageTable({ feed }: TargetData): Markup {
  const closed = ofKind(feed, 'outage_closed')
  const open = ofKind(feed, 'outage_opened').filter(
    ({ atMs, check }) => !closed.some((other) => other.atMs === atMs && other.check === check),
  )
  const rows = [...closed, ...open].sort((a, b) => b.atMs - a.atMs)
  return table(
    ['Began', 'Lasted', 'Check', 'What failed'],
    'No outage in this time.',
    rows.map((outage) => {
      const [lasted, failed] =
        outage.kind === 'outage_closed'
          ? [html`<strong>${duration(outage.lengthMs)}</strong>`, failureCounts(outage.failures)]
          : [
              html`<strong class="is-bad">${toneShape('bad')} still on</strong>`,
              outage.detail || failureWords(outage.reason),
            ]
      return [when(outage.atMs), lasted, outage.check, failed]
    }),
  )
}

const sideWords: Readonly<Record<Event<'crosscheck'>['seen'], string>> = {
  both: 'both',
  outside: 'outside only',
  inside: 'inside only',
}

type Inside = NonNullable<Event<'crosscheck'>['inside']>

const workerWords: Readonly<Record<Inside['cause'], string>> = {
  recycle: 'pool recycled',
  crash: 'worker crashed',
  ping_failure: 'no answer to a ping',
  startup_failure: 'start failed',
  shutdown_failure: 'did not end in time',
  start: 'worker started',
}

/** Recycles as seen from outside and as IIS tells them, and whether what it tells can be read. */
export function crosscheckTable(
  { exporter, up, detail, was }: NonNullable<TargetState['crosscheck']>,
  feed: readonly FeedEntry[],
): Markup {
  const words = [
    exporter && exporterWords(up, detail),
    was
      ? `WAS's events are known up to ${clockTime(was.untilMs)}.`
      : !exporter && 'No event of WAS has come yet.',
    was &&
      was.skewMs !== 0 &&
      `The node's clock is ${duration(Math.abs(was.skewMs))} ${was.skewMs > 0 ? 'ahead' : 'behind'}; times are corrected.`,
  ].filter(Boolean)
  // What WAS said later stands in the place of what was told first.
  const newest = new Map(ofKind(feed, 'crosscheck').map((each) => [each.atMs, each]))
  const rows = [...newest.values()].map(({ atMs, seen, outside, inside }) => [
    when(atMs),
    outside ? evidenceWords[outside.evidence] : '–',
    inside ? insideWords(inside) : '–',
    seen === 'both'
      ? sideWords.both
      : html`<strong class="is-apart">${toneShape('slow')} ${sideWords[seen]}</strong>`,
  ])
  return html`
    <p class="exporter" data-tone=${up === false ? 'slow' : 'ok'}>${words.join(' ')}</p>
    ${table(['When', 'From outside', 'Inside', 'Seen'], 'No recycle in this time.', rows.toReversed())}`
}

function exporterWords(up: boolean | null, detail: string): string {
  if (up === null) return 'windows_exporter has not been read yet.'
  return up ? 'windows_exporter is read.' : `windows_exporter cannot be read: ${detail}`
}

const insideWords = ({ cause, workers, fromMs, toMs, was }: Inside): Markup => html`
  ${workers > 1 && `${count(workers, 'new worker')}: `}${was ? wasWords(was) : workerWords[cause]}
  <span class="quiet"> ${was ? clockTime(was.atMs) : `${clockTime(fromMs)} to ${clockTime(toMs)}`}</span>`
