/** What is wrong now, then all farms at a glance. */
import { h } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { EventList } from '../events/event_list.ts'
import { html, type Markup } from '../markup.ts'
import { farmsNow, isTroubled } from '../state/farms_now.ts'
import { condense } from '../state/feed.ts'
import { linkTo } from '../state/links.ts'
import type { PageState } from '../state/page_state.ts'
import { isClockStopped } from '../state/server_clock.ts'
import { count } from '../words/format.ts'
import { farmRows } from './farm_rows.ts'
import { farmSection } from './farm_section.ts'
import { headline } from './headline.ts'
import { stripLegend } from './strip.ts'

const rowsPerFrame = 40
/** Entries that are shown beside the farms; a link leads to all. */
const mostEntries = 60
/** Up to so many farms are shown whole; of more, those in trouble are. */
const wholeFarms = 3

/** All farms, or `only` one of them. */
export function Overview({ state, only }: { readonly state: PageState; readonly only?: string }): Markup {
  const entries = useMemo(
    () =>
      condense(state.feed.filter(({ farm }) => only === undefined || farm === only)).slice(0, mostEntries),
    [state.feed, only],
  )
  const all = farmsNow(state).filter(({ farm }) => only === undefined || farm.name === only)
  const isFew = all.length <= wholeFarms
  const whole = isFew ? all : all.filter(isTroubled)
  const others = isFew ? [] : all.filter((one) => !isTroubled(one))
  let rowsLeft = useGrowing(state.targets.size)
  if (only !== undefined && all.length === 0) return notThere(only)
  return html`
    <div class="overview">
      ${isClockStopped() ? html`<h1 class="visually-hidden">Farms as they were</h1>` : headline(all)}
      <section aria-label="Farms">
        <header class="section-head"><h2>${only ?? 'Farms'}</h2>${stripLegend}</header>
        ${whole.map((one) => {
          const mostRows = Math.max(0, rowsLeft)
          rowsLeft -= one.targets.length
          return farmSection(one, mostRows)
        })}
        ${others.length > 0 && farmRows(others, `${count(others.length, 'farm')} without trouble`)}
      </section>
      <aside class="feed" aria-label="What happened">
        <header><h2>What happened</h2><a href=${linkTo.events({ farm: only })}>All events</a></header>
        ${h(EventList, { entries })}
      </aside>
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
