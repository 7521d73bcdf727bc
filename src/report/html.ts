/** A report as one page in one file: it can be mailed, and asks nothing of the network. */
import type { Queries } from '../journal/read/queries.ts'
import type { Span } from '../model/past.ts'
import { minuteMs } from '../runtime/duration.ts'
import type { MarkComparison } from './before_and_after.ts'
import { type Bar, barChart, type Dot, dotChart, escaped } from './charts.ts'
import type { FarmFacts, TargetFacts } from './facts.ts'
import { wasScheduled } from './period.ts'
import * as words from './sentences.ts'

/** The page; the journal gives what the charts show beyond the facts. */
export function reportHtml(farms: readonly FarmFacts[], span: Span, journal: Pick<Queries, 'events'>) {
  const title = `What happened from ${words.time(span.sinceMs)} to ${words.time(span.untilMs)}`
  const body =
    farms.length === 0
      ? ['<p>The journal remembers nothing of that time.</p>']
      : farms.map((farm) => farmHtml(farm, span, journal))
  return pageHtml(farms.map(({ farm }) => farm).join(', ') || 'report', `${title} <small>UTC</small>`, body)
}

/** A page in one file; `heading` and `body` are HTML, `name` is text. */
export const pageHtml = (name: string, heading: string, body: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>farmprobe: ${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${heading}</h1>
${body.join('\n')}
</main>
</body>
</html>
`

function farmHtml(farm: FarmFacts, span: Span, journal: Pick<Queries, 'events'>): string {
  const worst = farm.worst.map((each) => `${words.time(each.atMs)} ${words.moment(each)}`)
  const habits = farm.targets.flatMap((target) => target.habits)
  return [
    `<section><h2>${escaped(farm.farm)}</h2>`,
    `<p>${escaped(words.watched(farm))}.</p>`,
    usersHtml(farm),
    ...list('Incidents', words.incidents(farm)),
    ...charts(farm, span, journal),
    table(farm.targets),
    ...farm.marks.map(markHtml),
    ...list('Errors', words.madeBy(farm)),
    ...list('Habits', habits),
    ...list('Inside and outside', words.crosschecks(farm)),
    ...list('Slowest first requests', worst),
    ...list('Not watched', words.blind(farm)),
    '</section>',
  ].join('\n')
}

/** What users saw, in its colour, and what the nodes did. */
function usersHtml(farm: FarmFacts): string {
  const [seen = '', ...behind] = words.users(farm).map(escaped)
  return `<p><span class="${words.usersFelt(farm) ? 'bad' : 'good'}">${seen}</span>${behind.map((line) => `<br>${line}`).join('')}</p>`
}

/** Errors over time, and every first request. */
function charts({ farm, marks }: FarmFacts, span: Span, journal: Pick<Queries, 'events'>): string[] {
  const lines = marks.map(({ atMs, text }) => ({ atMs, label: text }))
  const events = (kind: string) => journal.events(span, { farm }, new Set([kind]), Number.MAX_SAFE_INTEGER)
  const stepMs = Math.max(1, Math.ceil((span.untilMs - span.sinceMs) / 120 / minuteMs)) * minuteMs
  const errors = new Map<number, number>()
  for (const event of events('balancer_error')) {
    if (event.kind !== 'balancer_error' || !wasScheduled(event)) continue
    const at = span.sinceMs + Math.floor((event.atMs - span.sinceMs) / stepMs) * stepMs
    errors.set(at, (errors.get(at) ?? 0) + 1)
  }
  const bars: Bar[] = [...errors].map(([atMs, count]) => ({ atMs, count }))
  const dots: Dot[] = events('first_request').flatMap((event) =>
    event.kind === 'first_request' ? [{ atMs: event.atMs, ms: event.firstByteMs, series: event.target }] : [],
  )
  return [
    barChart('Errors from the balancer', bars, stepMs, span, lines),
    ...(dots.length > 0 ? [dotChart('First requests of new workers', dots, span, lines)] : []),
  ]
}

function table(targets: readonly TargetFacts[]): string {
  const [name, ...columns] = words.columns
  const head = words.columns.map(({ title }) => `<th scope="col">${escaped(title)}</th>`).join('')
  const rows = targets.map((target) => {
    const cells = columns.map(({ cell }) => `<td>${escaped(cell(target))}</td>`).join('')
    return `<tr><th scope="row">${escaped(name?.cell(target) ?? '')}</th>${cells}</tr>`
  })
  return `<div class="wide" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`
}

function markHtml(mark: MarkComparison): string {
  const figures = words.changes(mark).map((line) => `<li>${escaped(line)}</li>`)
  return `<h3>${words.time(mark.atMs)} ${escaped(words.markSentence(mark))}</h3><ul>${figures.join('')}</ul>`
}

/** A list under a title, each line text; nothing where there is none. */
export function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  return [`<h3>${title}</h3><ul>${lines.map((line) => `<li>${withCode(escaped(line))}</li>`).join('')}</ul>`]
}

/** Names of settings stand between backticks in our own sentences. */
const withCode = (html: string) => html.replaceAll(/`([^`]*)`/g, '<code>$1</code>')

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e8eb); --paper: light-dark(#fff, #15181c);
  --faint: light-dark(#d5d9de, #3a4048); --soft: light-dark(#59626d, #a3acb6);
  --bad: light-dark(#b42318, #ff8a7a); --good: light-dark(#1a6e37, #6fd08c); --mark: light-dark(#5b3cc4, #b7a2ff); }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.3rem; } h2 { border-top: 1px solid var(--faint); padding-top: 1rem; } h3 { font-size: 1rem; }
small, figcaption { color: var(--soft); } .bad { color: var(--bad); } .good { color: var(--good); }
figure { margin: 1rem 0 0; } svg { width: 100%; min-width: 46rem; height: auto; }
svg text { fill: var(--soft); font-size: 11px; } svg text.mark { fill: var(--mark); }
.grid { stroke: var(--faint); } path.mark { stroke: var(--mark); stroke-dasharray: 4 3; } .bar { fill: var(--bad); }
.s0 { fill: #2f7ed8; background: #2f7ed8 } .s1 { fill: #e07b00; background: #e07b00 }
.s2 { fill: #1f9d55; background: #1f9d55 } .s3 { fill: #c2318b; background: #c2318b }
.s4 { fill: #7a5cff; background: #7a5cff } .s5 { fill: #7d8590; background: #7d8590 }
.legend span { margin-right: 1rem; } .legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin-right: .3rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th:first-child, td:last-child { text-align: left; }
@media print { main { max-width: none; } }
`
