/** What is wrong now, what was, then all farms at a glance. */
import { useEffect, useState } from 'preact/hooks'
import { incidentList } from '../incidents/incident_list.ts'
import { troubleCards } from '../incidents/trouble_cards.ts'
import { html, type Markup } from '../markup.ts'
import { type FarmNow, farmsNow, isTroubled } from '../state/farms_now.ts'
import { isOpen } from '../state/known_incidents.ts'
import { linkTo } from '../state/links.ts'
import type { PageState } from '../state/page_state.ts'
import { isClockStopped } from '../state/server_clock.ts'
import { count } from '../words/format.ts'
import { farmRows } from './farm_rows.ts'
import { farmSection } from './farm_section.ts'
import { headline } from './headline.ts'
import { stripLegend } from './strip.ts'

const rowsPerFrame = 40
/** Incidents that are listed; a link leads to all. */
const mostIncidents = 8
/** Up to so many farms are shown whole; of more, those that are or just were in trouble. */
const wholeFarms = 3

const isWhole = (one: FarmNow) => isTroubled(one) || one.isRecent

/** All farms, or `only` one of them. */
export function Overview({ state, only }: { readonly state: PageState; readonly only?: string }): Markup {
  const all = farmsNow(state).filter(({ farm }) => only === undefined || farm.name === only)
  const isFew = all.length <= wholeFarms
  const whole = isFew ? all : all.filter(isWhole)
  const others = isFew ? [] : all.filter((one) => !isWhole(one))
  const troubled = all.filter(isTroubled)
  const incidents = state.incidents.filter(({ farm }) => only === undefined || farm === only)
  const recent = incidents.filter((incident) => !isOpen(incident)).slice(0, mostIncidents)
  let rowsLeft = useGrowing(state.targets.size)
  if (only !== undefined && all.length === 0) return notThere(only)
  return html`
    <div class="overview">
      ${isClockStopped() ? html`<h1 class="visually-hidden">Farms as they were</h1>` : headline(all)}
      ${troubled.length > 0 && troubleCards(troubled)}
      <section aria-label="Recent incidents">
        <header class="section-head">
          <h2>Recent incidents</h2>
          <a href=${linkTo.incidents({ farm: only })}>All of the last 30 days</a>
        </header>
        ${incidentList(recent, state.incidents, incidents.length > 0 ? 'No other incident.' : undefined)}
      </section>
      <section aria-label="Farms">
        <header class="section-head"><h2>${only ?? 'Farms'}</h2>${stripLegend}</header>
        ${whole.map((one) => {
          const mostRows = Math.max(0, rowsLeft)
          rowsLeft -= one.targets.length
          return farmSection(one, mostRows)
        })}
        ${others.length > 0 && farmRows(others, `${count(others.length, 'farm')} without an incident in the last hour`)}
      </section>
    </div>`
}

/** Grows with each frame up to `total`: hundreds of rows are drawn over several frames, so the page stays responsive. */
function useGrowing(total: number): number {
  const [rows, setRows] = useState(rowsPerFrame)
  useEffect(() => {
    if (rows < total) requestAnimationFrame(() => setRows(rows + rowsPerFrame))
  }, [rows, total])
  return rows
}

const notThere = (farm: string): Markup => html`
  <div class="panel not-there">
    <h1>There is no farm ${farm}</h1>
    <p>
      It may have been removed. <a href=${linkTo.events({ farm })}>What happened to it</a>
      ${' · '}<a href=${linkTo.farms()}>All farms</a>
    </p>
  </div>`
