/** Failed probes; each can be opened to see everything that came back, as text. */
import { useState } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { toneShape } from '../parts/shapes.ts'
import type { Failure } from '../state/api_client.ts'
import { duration } from '../words/format.ts'
import { timeOf } from '../words/times.ts'
import { failureWords, laneWords } from '../words/words.ts'

/** Failures that are shown until the reader asks for more. */
const atFirst = 10

export function FailureList({ failures }: { readonly failures: readonly Failure[] }): Markup {
  const [showsAll, setShowsAll] = useState(false)
  if (failures.length === 0) return html`<p class="empty">No failed probe in this time.</p>`
  const shown = showsAll ? failures : failures.slice(0, atFirst)
  const more = failures.length - shown.length
  return html`
    <ul class="failures">${shown.map(item)}</ul>
    ${more > 0 && html`<button type="button" onClick=${() => setShowsAll(true)}>Show ${more} more</button>`}`
}

function item(failure: Failure): Markup {
  const { id, atMs, reason, status, detail, tells, lane, check, totalMs } = failure
  return html`
    <li key=${id}><details>
      <summary>
        ${timeOf(atMs)}${toneShape('bad')}
        <strong>${failureWords(reason, status)}</strong>
        <span class="quiet">${check}, ${laneWords[lane]}after ${duration(totalMs)}</span>
      </summary>
      <p class="detail">${detail}${tells !== null && ` Made by ${tells}.`}</p>
      ${answer(failure)}
      <dl class="probe-facts">
        ${facts(failure).map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
      </dl>
    </details></li>`
}

function answer({ status, evidence }: Failure): Markup {
  if (evidence === null)
    return html`<p class="quiet">${status === 0 ? 'No answer came.' : 'Nothing of the answer was kept.'}</p>`
  const { statusText, headers, bodyStart } = evidence
  const head = [`${status} ${statusText}`, ...headers.map(({ name, value }) => `${name}: ${value}`)].join(
    '\n',
  )
  return html`
    <pre tabindex="0" aria-label="Status line and headers">${head}</pre>
    ${
      bodyStart === ''
        ? html`<p class="quiet">The body was empty, or none came.</p>`
        : html`<pre class="body" tabindex="0" aria-label="The first bytes of the body">${bodyStart}</pre>`
    }`
}

const facts = ({ id, traceId, address, origin, servedBy, phaseMs, authMs, latenessMs, lane }: Failure) =>
  [
    ['Origin', origin],
    ['Served by', servedBy],
    [
      'Phases',
      Object.entries({ ...phaseMs, ...(authMs !== null && { authenticate: authMs }) })
        .map(([phase, ms]) => `${phase} ${duration(ms)}`)
        .join(', '),
    ],
    ['Our own lateness', latenessMs > 0 ? `up to ${duration(latenessMs)}` : ''],
    ['Address', address],
    ['Lane', lane],
    ['Probe', id],
    ['Trace', traceId],
  ] as const
