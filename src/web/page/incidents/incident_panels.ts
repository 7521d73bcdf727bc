/** Beside the story of an incident: what cures it, earlier ones, and the text for the ticket. */
import { useRef, useState } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { earlierOnes, type Incident, isOpen, lengthMs, timesInWeek } from '../state/known_incidents.ts'
import { linkTo } from '../state/links.ts'
import { length, ordinal, share } from '../words/format.ts'
import { culpritWords } from '../words/incident_words.ts'
import { dayTime } from '../words/times.ts'
import { ticketText } from './ticket.ts'

const mostEarlier = 8
const runbooksUrl = 'https://github.com/farmprobe/farmprobe/blob/main/docs/runbooks'

const urlOfRunbook = (name: string): string => `${runbooksUrl}/${name}.md`

export const cureOf = ({ cure, runbook }: Incident): Markup => html`
  <section class="panel" aria-labelledby="cure">
    <h2 id="cure" tabindex="-1">What cures it</h2>
    <p>${withCode(cure)}.</p>
    <p class="quiet">
      The commands are in the runbook <a href=${urlOfRunbook(runbook)} rel="noreferrer">${runbook}</a>.
    </p>
  </section>`

/** What is between backticks is set as code. */
export const withCode = (text: string): Markup =>
  text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))

export function earlier(incident: Incident, all: readonly Incident[]): Markup {
  const before = earlierOnes(incident, all)
  const times = timesInWeek(incident, all)
  const who = incident.node === 'unknown' ? 'of an unknown culprit' : `of ${culpritWords(incident.node)}`
  return html`
    <section class="panel before" aria-labelledby="before">
      <h2 id="before" tabindex="-1">Earlier incidents ${who}</h2>
      ${
        before.length === 0
          ? html`<p class="empty">None is known in the last 30 days.</p>`
          : html`
        <p><b>${times === 1 ? 'The first in 7 days' : `The ${ordinal(times)} in 7 days`}.</b></p>
        <table class="rows">
          <thead><tr><th scope="col">Began</th><th scope="col" class="number">Length</th><th scope="col" class="number">Failed</th></tr></thead>
          <tbody>
            ${before.slice(0, mostEarlier).map(
              (each) => html`
                <tr>
                  <td><a href=${linkTo.incident(each.id)}>${dayTime(each.openedMs)}</a></td>
                  <td class="number">${isOpen(each) ? 'goes on' : length(lengthMs(each))}</td>
                  <td class="number">${each.probes === 0 ? '–' : share(each.failed, each.probes)}</td>
                </tr>`,
            )}
          </tbody>
        </table>`
      }
    </section>`
}

export function ticketPanel({ incident, all }: { incident: Incident; all: readonly Incident[] }): Markup {
  const [result, setResult] = useState('')
  const place = useRef<HTMLPreElement>(null)
  const text = ticketText(incident, all, urlOfRunbook(incident.runbook), location.href)
  const copy = async () =>
    setResult((await copied(text, place.current)) ? 'Copied.' : 'Selected: press Ctrl+C.')
  return html`
    <section class="panel" aria-labelledby="ticket">
      <header class="copy-head">
        <h2 id="ticket" tabindex="-1">For the ticket</h2>
        <span class="quiet" role="status">${result}</span>
        <button type="button" onClick=${copy}>Copy as text</button>
      </header>
      <pre ref=${place} tabindex="0" aria-label="The incident as text">${text}</pre>
    </section>`
}

/** Copies `text`, or selects it for the reader: a browser gives pages over plain HTTP no clipboard. */
async function copied(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    if (shown !== null) getSelection()?.selectAllChildren(shown)
    return document.execCommand('copy')
  }
}
