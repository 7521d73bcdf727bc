/** One incident: what happened, who caused it, why that can be said, what cures it, and what to paste into the ticket. */
import { h } from 'preact'
import { html, type Markup } from '../markup.ts'
import { toneShape } from '../parts/shapes.ts'
import { type Incident, isOpen, lengthMs, timesInWeek } from '../state/known_incidents.ts'
import { linkTo } from '../state/links.ts'
import type { PageState } from '../state/page_state.ts'
import { FailureList } from '../target/failure_list.ts'
import { age, count, length, ordinal, share } from '../words/format.ts'
import {
  causeAlone,
  confidencePercent,
  confidenceWords,
  culpritWords,
  errorWords,
  impactWords,
} from '../words/incident_words.ts'
import { clockTime, dayOfYear, zone } from '../words/times.ts'
import { type IncidentData, useIncident } from './incident_data.ts'
import { cureOf, earlier, ticketPanel } from './incident_panels.ts'
import { storyOf } from './story.ts'
import { timeline } from './timeline.ts'

export function IncidentPage({ state, id }: { readonly state: PageState; readonly id: string }): Markup {
  const { data, problem } = useIncident(id)
  // The page stays useful while the connection is lost: what was read is shown.
  if (data === undefined)
    return problem === undefined ? html`<p class="loading">Reading the incident…</p>` : notThere(id, problem)
  return shown(data, state)
}

function shown(data: IncidentData, state: PageState): Markup {
  const { incident } = data
  const { farm, node } = incident
  const nodes = (state.farms.find(({ name }) => name === farm)?.targets ?? []).map(({ target }) => target)
  return html`
    <article class="incident">
      <nav class="crumbs" aria-label="Where you are">
        <a href=${linkTo.incidents()}>Incidents</a><span aria-hidden="true">/</span>
        <a href=${linkTo.farm(farm)}>${farm}</a><span aria-hidden="true">/</span><span>${incident.id}</span>
      </nav>
      ${head(incident)}
      ${figures(incident, state.incidents)}
      <section class="panel" aria-labelledby="timeline">
        <header class="timeline-head">
          <h2 id="timeline">The farm during the incident</h2>
          <span class="quiet">times in ${zone(incident.openedMs)}</span>
        </header>
        ${timeline(data, nodes)}
      </section>
      <div class="columns">
        <div>${story(data)}${why(incident)}${answers(data)}</div>
        <div>
          ${cureOf(incident)}
          ${earlier(incident, state.incidents)}
          ${h(ticketPanel, { incident, all: state.incidents })}
        </div>
      </div>
      ${node !== 'unknown' && amendments(incident)}
    </article>`
}

function head(incident: Incident): Markup {
  const { impact, openedMs, closedMs, summary, maintenance, node } = incident
  const { tone, present, past } = impactWords[impact]
  const from = `${dayOfYear(openedMs)}, ${clockTime(openedMs)}`
  const when =
    closedMs === null
      ? `Goes on. Since ${from} ${zone(openedMs)}`
      : `Over. ${from} to ${clockTime(closedMs)} ${zone(closedMs)}`
  return html`
    <header class="incident-head">
      <div class="tags">
        <p class="tag" data-tone=${tone}>${toneShape(tone)}<span>${closedMs === null ? present : past}</span></p>
        <span class="over">${when}${maintenance && ', in maintenance'}</span>
      </div>
      <h1>${summary}</h1>
      <nav class="actions" aria-label="On this page">
        ${link('why', node === 'unknown' ? 'Why nobody is blamed' : `Why ${culpritWords(node)}`)}
        ${link('cure', 'What cures it')}${link('before', 'Earlier')}${link('ticket', 'As text')}
      </nav>
    </header>`
}

const link = (id: string, words: string) => html`
  <a href=${`#${id}`} onClick=${(event: Event) => jump(event, id)}>${words}</a>`

/** Goes to a part of the page; the hash of the address names the page that is shown, so it stays. */
function jump(event: Event, id: string): void {
  event.preventDefault()
  const place = document.getElementById(id)
  place?.scrollIntoView()
  place?.focus({ preventScroll: true })
}

function figures(incident: Incident, all: readonly Incident[]): Markup {
  const { usersMs, probes, failed, node, confidence, checks } = incident
  const times = timesInWeek(incident, all)
  const rows = [
    [
      'Length',
      isOpen(incident) ? age(lengthMs(incident)) : length(lengthMs(incident)),
      isOpen(incident)
        ? 'so far'
        : usersMs === null
          ? ''
          : `errors for ${length(usersMs.toMs - usersMs.fromMs)} of it`,
    ],
    probes === 0
      ? ['Requests failed', incident.impact === 'users' ? '–' : 'none', 'at the balancer']
      : ['Requests failed', share(failed, probes), `${failed} of ${count(probes, 'request')}`],
    [
      'Failed answers',
      (errorWords(incident) || 'none').replaceAll(' × ', '\u00a0×\u00a0'),
      `${checks.length === 1 ? 'check' : 'checks'} ${checks.join(', ')}`,
    ],
    ['Culprit', culpritWords(node), node === 'unknown' ? '' : confidenceWords(confidence)],
    ['Cause', causeAlone(incident), ''],
    ['In 7 days', times === 1 ? 'first time' : `${ordinal(times)} time`, ''],
  ]
  return html`
    <dl class="figures">
      ${rows.map(([name, value, note]) => html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="note">${note || ' '}</dd></div>`)}
    </dl>`
}

const story = (data: IncidentData): Markup => html`
  <section class="panel" aria-labelledby="story">
    <h2 id="story">What happened</h2>
    <ol class="story-lines">
      ${storyOf(data).map(
        ({ atMs, text, bold }) => html`
          <li><time datetime=${new Date(atMs).toISOString()}>${clockTime(atMs)}</time><p>${text}.${bold && html` <b>${bold}</b>`}</p></li>`,
      )}
    </ol>
  </section>`

const weightWords = { strong: 'Strong', fair: 'Fair', weak: 'Weak', against: 'Against' }

function why({ node, confidence, why: grounds }: Incident): Markup {
  const who = culpritWords(node)
  const against = grounds.some(({ weight }) => weight === 'against')
  return html`
    <section class="panel" aria-labelledby="why">
      <h2 id="why" tabindex="-1">${node === 'unknown' ? 'Why nobody is blamed' : `Why ${who}`}</h2>
      ${
        node !== 'unknown' &&
        html`<p class="sure">Caused by ${who}: <b>${confidenceWords(confidence)}</b> <span class="quiet">${confidencePercent(confidence)}</span></p>`
      }
      <ul class="reasons">
        ${grounds.map(({ weight, sentence }) => html`<li><span class="weight">${weightWords[weight]}</span><p>${sentence}.</p></li>`)}
        ${!against && html`<li><span class="weight">Against</span><p>Nothing.</p></li>`}
      </ul>
    </section>`
}

function answers({ incident, failures }: IncidentData): Markup {
  const ofBalancer = failures.filter(({ role }) => role === 'balancer')
  const rows = ofBalancer.length > 0 ? ofBalancer : failures
  const since = new Date(incident.openedMs - 60_000).toISOString()
  const until = incident.closedMs === null ? undefined : new Date(incident.closedMs + 60_000).toISOString()
  return html`
    <section class="panel" aria-labelledby="answers">
      <h2 id="answers">${ofBalancer.length > 0 ? 'What users were answered' : 'Probes that failed'}</h2>
      ${h(FailureList, { failures: rows })}
      <p class="all-events">
        <a href=${linkTo.events({ farm: incident.farm, since, until })}>All ${incident.events.length} events of this incident</a>
      </p>
    </section>`
}

const amendments = ({ amended }: Incident): Markup =>
  amended.length > 0 &&
  html`
    <section class="panel" aria-label="Known later">
      <h2>Known only after it was over</h2>
      <ul>${amended.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    </section>`

const notThere = (id: string, problem: string): Markup => html`
  <div class="panel not-there">
    <h1>The incident cannot be shown</h1>
    <p>${id}: ${problem}</p>
    <p><a href=${linkTo.incidents()}>All incidents</a></p>
  </div>`
