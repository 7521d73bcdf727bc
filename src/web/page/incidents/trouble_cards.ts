/** What is wrong now: one sentence for each open incident, the worst first. */
import { html, type Markup } from '../markup.ts'
import { toneShape } from '../parts/shapes.ts'
import type { FarmNow } from '../state/farms_now.ts'
import { type Incident, lengthMs } from '../state/known_incidents.ts'
import { linkTo } from '../state/links.ts'
import { isClockStopped } from '../state/server_clock.ts'
import { age, share } from '../words/format.ts'
import { impactWords } from '../words/incident_words.ts'
import { clockTime, day, isToday, lasting, zone } from '../words/times.ts'
import type { Tone } from '../words/words.ts'
import { withCode } from './incident_panels.ts'

/** Of farms in trouble. */
export const troubleCards = (troubled: readonly FarmNow[]): Markup => html`
  <section aria-label="Wrong now, the worst first" class="now">${troubled.map(card)}</section>`

/** A farm whose incident has not been opened yet is told by its state. */
function card(one: FarmNow): Markup {
  const { farm, condition, incident } = one
  if (incident !== undefined) return incidentCard(one, incident)
  const { tone, words, sinceMs } = condition
  return html`
    <article key=${farm.name} class="trouble" data-tone=${tone}>
      <header>${tag(tone, words)}<span class="quiet">${farm.name}${since(sinceMs)}</span></header>
      <h3><a href=${linkTo.farm(farm.name)}>${farm.name}: ${words}.</a></h3>
    </article>`
}

function incidentCard({ farm, condition }: FarmNow, incident: Incident): Markup {
  const { id, impact, openedMs, summary, cure, failed, probes } = incident
  const isQuiet = condition.tone === 'ok'
  const { tone, present, past } = impactWords[impact]
  const words = isClockStopped() || isQuiet ? past : present
  return html`
    <article key=${farm.name} class="trouble" data-tone=${isClockStopped() ? 'unknown' : isQuiet ? 'slow' : tone}>
      <header>
        ${tag(isQuiet ? 'slow' : tone, words)}
        <span class="quiet">
          ${farm.name}${since(openedMs)}${farm.maintenance && ', in maintenance'}
          ${isQuiet && condition.sinceMs !== undefined && `; nothing has failed ${lasting(condition.sinceMs)}`}
        </span>
      </header>
      <h3><a href=${linkTo.incident(id)}>${summary}</a></h3>
      <p class="first"><b>What cures it:</b> ${withCode(cure)}. <a href=${linkTo.incident(id)}>All about it</a></p>
      <dl>
        <div><dd>${age(lengthMs(incident))}</dd><dt>so far</dt></div>
        ${impact === 'users' && html`<div><dd>${share(failed, probes)}</dd><dt>of requests ${isQuiet ? 'failed' : 'fail'}</dt></div>`}
      </dl>
    </article>`
}

const tag = (tone: Tone, words: string) =>
  html`<p class="tag" data-tone=${tone}>${toneShape(tone)}<span>${words}</span></p>`

const since = (ms: number | undefined) =>
  ms === undefined ? '' : `, since ${isToday(ms) ? '' : `${day(ms)} `}${clockTime(ms)} ${zone(ms)}`
