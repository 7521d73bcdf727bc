/** All incidents of a time, of all farms or of one. */
import { html, type Markup } from '../markup.ts'
import { rangeNav } from '../parts/choices.ts'
import { lengthMs } from '../state/known_incidents.ts'
import { linkTo, type Place } from '../state/links.ts'
import type { PageState } from '../state/page_state.ts'
import { rangeNamed } from '../state/ranges.ts'
import { now } from '../state/server_clock.ts'
import { age, count } from '../words/format.ts'
import { zone } from '../words/times.ts'
import { useIncidents } from './incident_data.ts'
import { incidentList } from './incident_list.ts'

export function IncidentsPage({ state, query }: { state: PageState; query: Place['query'] }): Markup {
  const { farm } = query
  const range = rangeNamed(state.oldestMs, query['range'], '30d')
  const { incidents, problem } = useIncidents(state.incidents, range)
  const shown = incidents.filter(
    (each) => each.openedMs >= now() - range.ms && (farm === undefined || each.farm === farm),
  )
  const users = shown.filter(({ impact }) => impact === 'users')
  const felt = users.reduce((sum, each) => sum + lengthMs(each), 0)
  const choose = ({ currentTarget }: Event) => {
    const chosen = (currentTarget as HTMLSelectElement).value
    location.hash = linkTo.incidents({ range: range.name, farm: chosen })
  }
  return html`
    <div class="incidents-page">
      <header class="page-head">
        <h1>Incidents</h1>
        <div class="controls">
          <select aria-label="Farm" onChange=${choose} value=${farm ?? ''}>
            <option value="">Every farm</option>
            ${state.farms.map(({ name }) => html`<option value=${name}>${name}</option>`)}
          </select>
          ${rangeNav(state.oldestMs, range, (name) => linkTo.incidents({ range: name, farm }))}
        </div>
      </header>
      <p class="found" role="status">
        ${
          problem ??
          `${count(shown.length, 'incident')} in the last ${range.words}; users got errors in ${users.length} of them${
            users.length === 0 ? '' : `, for ${age(felt)} in all`
          }. Times in ${zone(now())}.`
        }
      </p>
      ${incidentList(shown, incidents)}
    </div>`
}
