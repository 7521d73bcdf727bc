/** All farms at a glance: the verdict on each, a row for its balancer and every node, and what happened. */
import { h } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { EventList } from '../events/event_list.ts'
import { html, type Markup } from '../markup.ts'
import { stateLine, toneShape } from '../parts/shapes.ts'
import { conditionOf } from '../state/condition.ts'
import { condense } from '../state/feed.ts'
import { linkTo } from '../state/links.ts'
import { type FarmState, minuteMs, type PageState, type TargetState, targetKey } from '../state/page_state.ts'
import { now } from '../state/server_clock.ts'
import { age, count, duration, roughAge } from '../words/format.ts'
import { worstVerdict } from '../words/words.ts'
import { Strip } from './strip.ts'

const rowsPerFrame = 40
/** Entries that are shown beside the farms; a link leads to all. */
const mostEntries = 60
/** Failing nodes that are named; the others are counted. */
const mostNamed = 4

export function Overview({ state }: { readonly state: PageState }): Markup {
  const entries = useMemo(() => condense(state.feed).slice(0, mostEntries), [state.feed])
  let rowsLeft = useGrowing(state.targets.size)
  const section = (farm: FarmState) => {
    const mostRows = Math.max(0, rowsLeft)
    rowsLeft -= farm.targets.length
    return farmSection(farm, state.targets, mostRows)
  }
  return html`
    <h1 class="visually-hidden">Farms</h1>
    <div class="overview">
      <div class="farms">
        ${state.farms.length === 0 && html`<p class="loading">No farm is probed yet.</p>`}
        ${state.farms.map(section)}
      </div>
      <aside class="feed" aria-label="What happened">
        <header><h2>What happened</h2><a href=${linkTo.events()}>All events</a></header>
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

function farmSection(farm: FarmState, targets: PageState['targets'], mostRows: number): Markup {
  const shown = farm.targets.flatMap(({ target }) => targets.get(targetKey(farm.name, target)) ?? [])
  const minute = Math.floor(now() / minuteMs)
  const row = (target: TargetState) =>
    h(TargetRow, { key: target.target, target, minute, recycled: recycledWords(target) })
  return html`
    <section key=${farm.name} class="farm" aria-label="Farm ${farm.name}">
      <header>
        <h2>${farm.name}</h2>
        <span class="url">${farm.url}</span>
        ${verdictOf(farm)}
      </header>
      <p class="trouble">${nodesWords(farm, shown)}</p>
      <table role="table" class="targets">
        <thead role="rowgroup"><tr role="row">${headings.map(heading)}</tr></thead>
        <tbody role="rowgroup">
          ${shown.slice(0, mostRows).map(row)}
        </tbody>
      </table>
    </section>`
}

const headings = ['Target', 'State', 'First byte', 'Last hour', 'Recycled']

const heading = (words: string) => html`
  <th role="columnheader" scope="col" class="is-${words.toLowerCase().replace(' ', '-')}">
    ${words}
    ${words === 'Last hour' && html`<span class="hour-ends" aria-hidden="true">-60 min … now</span>`}
  </th>`

/** The verdict on a farm: shape, sentence and for how long. */
function verdictOf(farm: FarmState): Markup {
  const worst = worstVerdict(farm)
  const maintenance = farm.maintenance ? ' (maintenance)' : ''
  if (worst === undefined) return stateLine('unknown', `No verdict yet${maintenance}`, '')
  const which = farm.checks.length > 1 && worst.verdict !== 'ok' ? `${worst.check}, ` : ''
  return stateLine(worst.tone, worst.words + maintenance, `${which}for ${age(now() - worst.sinceMs)}`)
}

function nodesWords({ checks }: FarmState, targets: readonly TargetState[]): string {
  const nodes = targets.filter(({ role }) => role === 'node')
  const failing = nodes.filter((node) => conditionOf(node).tone === 'bad').map(({ target }) => target)
  const all = count(nodes.length, 'node')
  const names = checks.map(({ name }) => name).join(', ')
  if (failing.length === 0)
    return `${all}, none failing; ${checks.length === 1 ? 'check' : 'checks'} ${names}`
  const others = failing.length > mostNamed ? ` and ${failing.length - mostNamed} more` : ''
  return `${failing.length} of ${all} failing: ${failing.slice(0, mostNamed).join(', ')}${others}`
}

function recycledWords({ role, lastRecycleMs }: TargetState): string {
  if (role === 'balancer') return ''
  return lastRecycleMs === null ? '–' : `${roughAge(now() - lastRecycleMs)} ago`
}

interface RowProps {
  readonly target: TargetState
  /** The minute on the right of the strip. */
  readonly minute: number
  readonly recycled: string
}

/** Redrawn only when one of its properties changes: a farm of 200 nodes costs no more than what changes in it. */
function TargetRow({ target, minute, recycled }: RowProps): Markup {
  return useMemo(() => {
    const { tone, words, check = target.checks[0] } = conditionOf(target)
    const firstByteMs = check?.last?.firstByteMs
    const usualMs = check?.baselineMs ?? undefined
    return html`
      <tr role="row" data-role=${target.role} data-tone=${tone}>
        <th role="rowheader" scope="row" class="is-target">
          <a href=${linkTo.target(target.farm, target.target)} title=${target.address}>${target.target}</a>
        </th>
        <td role="cell" class="is-state">
          <span class="icon">${toneShape(tone)}</span><span class="words">${words}</span>
        </td>
        <td role="cell" class="is-first-byte">
          <span class="number">${firstByteMs === undefined ? '–' : duration(firstByteMs)}</span>
          <span class="usual">${usualMs !== undefined && `usually ${duration(usualMs)}`}</span>
        </td>
        <td role="cell" class="is-last-hour">${h(Strip, { target, lastMinute: minute })}</td>
        <td role="cell" class="is-recycled">${recycled}</td>
      </tr>`
  }, [target, minute, recycled])
}
