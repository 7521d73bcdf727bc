/** The whole page as markup: the bar, the view that the address names, and the foot. */
import { h } from 'preact'
import { EventsPage } from './events/events_page.ts'
import { html, type Markup } from './markup.ts'
import { Overview } from './overview/overview.ts'
import { linkTo, type Place } from './state/links.ts'
import type { FarmState, PageState } from './state/page_state.ts'
import { now } from './state/server_clock.ts'
import type { Connection } from './state/stream_client.ts'
import { TargetPage } from './target/target_page.ts'
import { clockTime, zone } from './words/format.ts'
import { type Tone, worstVerdict } from './words/words.ts'

export function App({
  state,
  place,
  connection,
}: {
  state: PageState
  place: Place
  connection: Connection
}) {
  const nav = (view: Place['view'], link: string, words: string) =>
    html`<a href=${link} aria-current=${place.view === view ? 'page' : undefined}>${words}</a>`
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <header class="bar">
      <a class="wordmark" href=${linkTo.farms()}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M2 15h3v3H2zM8.5 15h3v3h-3zM15 15h3v3h-3zM10 2.5v6M3.5 12.500V8.500h13v4M10 8.500v4" />
        </svg>
        farmprobe
      </a>
      <nav aria-label="Pages">
        ${nav('overview', linkTo.farms(), 'Farms')}
        ${nav('events', linkTo.events(), 'Events')}
      </nav>
      <p class="connection" id="connection" data-state=${connection}>
        <span class="dot" aria-hidden="true"></span><span>${connectionWords[connection]}</span>
      </p>
      <time class="clock">${clockTime(now())} ${zone(now())}</time>
    </header>
    <main id="main" tabindex="-1">
      ${state.isRead ? viewOf(state, place) : html`<p class="loading">Reading the farms…</p>`}
    </main>
    <footer class="foot">
      <span id="version">${versionWords(state)}</span>
      <a href="metrics">Metrics</a><a href="config">Configuration</a>
      <a href="api/v1/openapi.json">API</a><a href="sd">Service discovery</a>
    </footer>
    <p class="visually-hidden" id="announcer" role="status">${state.isRead && announcement(state)}</p>`
}

/** Moves the focus without following the link, because the hash of the address names the place that is shown. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

const connectionWords: Readonly<Record<Connection, string>> = {
  connecting: 'connecting',
  live: 'live',
  lost: 'connection lost, trying again',
}

function viewOf(state: PageState, place: Place): Markup {
  switch (place.view) {
    case 'overview':
      return h(Overview, { state })
    case 'events':
      return h(EventsPage, { state, query: place.query })
    case 'target':
      return h(TargetPage, { state, place })
  }
}

function versionWords({ version, shard, isRead }: PageState): string {
  if (!isRead) return ''
  const which = shard === null ? '' : `, shard ${shard.index}/${shard.count}: other farms are elsewhere`
  return `farmprobe ${version}${which}`
}

const withTone = ({ farms }: PageState, tone: Tone): FarmState[] =>
  farms.filter((farm) => worstVerdict(farm)?.tone === tone)

/** A screen reader says it whenever it changes. */
function announcement(state: PageState): string {
  const troubled = [...withTone(state, 'bad'), ...withTone(state, 'slow')]
  return troubled.map((farm) => `${farm.name}: ${worstVerdict(farm)?.words}`).join('. ') || 'All is well'
}

/** The title and the icon show the state of the farms while another page is looked at. */
export function headOf(state: PageState, place: Place): { readonly title: string; readonly icon: Tone } {
  const bad = withTone(state, 'bad').map(({ name }) => name)
  const isJudged = state.farms.some((farm) => worstVerdict(farm) !== undefined)
  return {
    title: bad.length > 0 ? `✕ ${bad.join(', ')} – ${titleOf(place)}` : titleOf(place),
    icon: bad.length > 0 ? 'bad' : isJudged ? 'ok' : 'unknown',
  }
}

function titleOf(place: Place): string {
  switch (place.view) {
    case 'overview':
      return 'farmprobe'
    case 'events':
      return 'Events – farmprobe'
    case 'target':
      return `${place.target} – ${place.farm} – farmprobe`
  }
}
