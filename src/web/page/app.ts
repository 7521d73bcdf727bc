/** The whole page as markup: the bar, the view that the address names, and the foot. */
import { h } from 'preact'
import { EventsPage } from './events/events_page.ts'
import { IncidentPage } from './incidents/incident_page.ts'
import { IncidentsPage } from './incidents/incidents_page.ts'
import { html, type Markup } from './markup.ts'
import { Overview } from './overview/overview.ts'
import { toneShape } from './parts/shapes.ts'
import { farmsNow, isTroubled, troubleSentence } from './state/farms_now.ts'
import { linkTo, type Place } from './state/links.ts'
import type { PageState } from './state/page_state.ts'
import { now } from './state/server_clock.ts'
import { type Connection, connectNow } from './state/stream_client.ts'
import { TargetPage } from './target/target_page.ts'
import { clockTime, isUtc, utcTime, zone } from './words/times.ts'
import type { Tone } from './words/words.ts'

export interface AppProps {
  readonly state: PageState
  readonly place: Place
  readonly connection: Connection
  /** Called to show the times in the other zone. */
  readonly onZone: () => void
}

export function App({ state, place, connection, onZone }: AppProps) {
  const nav = (views: readonly Place['view'][], link: string, words: string) =>
    html`<a href=${link} aria-current=${views.includes(place.view) ? 'page' : undefined}>${words}</a>`
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <header class="bar">
      <a class="wordmark" href=${linkTo.farms()}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M2 15h3v3H2zM8.5 15h3v3h-3zM15 15h3v3h-3zM10 2.500v6M3.500 12.500V8.500h13v4M10 8.500v4" />
        </svg>
        farmprobe
      </a>
      <nav aria-label="Pages">
        ${nav(['overview', 'farm'], linkTo.farms(), 'Farms')}
        ${nav(['incidents', 'incident'], linkTo.incidents(), 'Incidents')}
        ${nav(['events'], linkTo.events(), 'Events')}
      </nav>
      <p class="connection" id="connection" data-state=${connection}>
        <span class="dot" aria-hidden="true"></span><span>${connectionWords[connection]}</span>
      </p>
      ${clock(connection, onZone)}
    </header>
    <main id="main" tabindex="-1">
      ${connection === 'lost' && lostNote()}
      ${state.isRead ? viewOf(state, place) : html`<p class="loading">Reading the farms…</p>`}
    </main>
    <footer class="foot">
      <span id="version">${versionWords(state)}</span>
      <a href="metrics">Metrics</a><a href="config">Configuration</a>
      <a href="api/v1/openapi.json">API</a><a href="sd">Service discovery</a>
    </footer>
    <p class="visually-hidden" id="announcer" role="status">${announcement(state, connection)}</p>`
}

/** Moves the focus without following the link, because the hash of the address names the place that is shown. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

const connectionWords: Readonly<Record<Connection, string>> = {
  connecting: 'connecting',
  live: 'live',
  lost: 'connection lost',
}

/** The time, and the way to see all times in UTC. */
function clock(connection: Connection, onZone: () => void): Markup {
  const title = isUtc() ? 'Show all times in your own zone' : `${utcTime(now())} UTC. Show all times in UTC`
  return html`
    <button type="button" class="clock" id="clock" title=${title} onClick=${onZone}>
      ${connection === 'lost' && 'stopped at '}<time>${clockTime(now())} ${zone(now())}</time>
    </button>`
}

function lostNote(): Markup {
  const time = `${clockTime(now())} ${zone(now())}`
  return html`
    <section class="lost-note panel" role="alert">
      ${toneShape('unknown')}
      <div>
        <h2>No connection to farmprobe</h2>
        <p>
          Nothing below is known to be true now: it is what farmprobe last said, at <b>${time}</b>. All clocks
          have stopped. The farms themselves may be well.
        </p>
        <p class="quiet">
          Trying again every few seconds. If it stays like this: is farmprobe running, and is this device on the
          network?
        </p>
      </div>
      <button type="button" onClick=${connectNow}>Try now</button>
    </section>`
}

function viewOf(state: PageState, place: Place): Markup {
  switch (place.view) {
    case 'overview':
      return h(Overview, { state })
    case 'farm':
      return h(Overview, { state, only: place.farm })
    case 'events':
      return h(EventsPage, { state, query: place.query })
    case 'incidents':
      return h(IncidentsPage, { state, query: place.query })
    case 'incident':
      return h(IncidentPage, { state, id: place.id })
    case 'target':
      return h(TargetPage, { state, place })
  }
}

function versionWords({ version, shard, isRead }: PageState): string {
  if (!isRead) return ''
  const which = shard === null ? '' : `, shard ${shard.index}/${shard.count}: other farms are elsewhere`
  return `farmprobe ${version}${which}`
}

/** A screen reader says it whenever it changes. */
function announcement(state: PageState, connection: Connection): string {
  if (!state.isRead) return ''
  if (connection === 'lost') return 'The connection is lost; nothing is known to be true now'
  const all = farmsNow(state)
  const troubled = all.filter(isTroubled)
  if (troubled.length > 0) return troubled.map(troubleSentence).join(' ')
  return all.every(({ condition }) => condition.tone === 'ok') && all.length > 0
    ? 'All is well'
    : 'Not known yet'
}

/** The title and the icon show the state of the farms while another page is looked at. */
export function headOf(
  state: PageState,
  place: Place,
  connection: Connection,
): { readonly title: string; readonly icon: Tone } {
  if (connection === 'lost') return { title: `No connection – ${titleOf(place)}`, icon: 'unknown' }
  const all = farmsNow(state)
  const bad = all.filter(({ condition }) => condition.tone === 'bad').map(({ farm }) => farm.name)
  const isKnown = all.length > 0 && all.every(({ condition }) => condition.tone !== 'unknown')
  return {
    title: bad.length > 0 ? `✕ ${bad.join(', ')} – ${titleOf(place)}` : titleOf(place),
    icon: bad.length > 0 ? 'bad' : isKnown ? 'ok' : 'unknown',
  }
}

function titleOf(place: Place): string {
  switch (place.view) {
    case 'overview':
      return 'farmprobe'
    case 'farm':
      return `${place.farm} – farmprobe`
    case 'events':
      return 'Events – farmprobe'
    case 'incidents':
      return 'Incidents – farmprobe'
    case 'incident':
      return `Incident ${place.id} – farmprobe`
    case 'target':
      return `${place.target} – ${place.farm} – farmprobe`
  }
}
