/** The page of one node, or of the balancer: how it answers, how it fails, when it recycles and what that costs. */
import { h } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { EventList } from '../events/event_list.ts'
import { MarkForm } from '../events/mark_form.ts'
import { html, type Markup } from '../markup.ts'
import { choices, rangeNav } from '../parts/choices.ts'
import { stateLine } from '../parts/shapes.ts'
import { conditionOf } from '../state/condition.ts'
import { condense } from '../state/feed.ts'
import { linkTo, type Place } from '../state/links.ts'
import { type PageState, type TargetState, targetKey } from '../state/page_state.ts'
import { rangeNamed } from '../state/ranges.ts'
import { now } from '../state/server_clock.ts'
import { age } from '../words/format.ts'
import { FailureList } from './failure_list.ts'
import { keyFigures } from './key_figures.ts'
import { type TargetData, useTargetData } from './target_data.ts'
import { crosscheckTable, outageTable, recycleTable } from './target_tables.ts'

/** Entries of the feed that are shown; a link leads to the others. */
const mostEntries = 30

interface Props {
  readonly state: PageState
  readonly place: Extract<Place, { view: 'target' }>
}

export function TargetPage({ state, place }: Props): Markup {
  const { farm, target, query } = place
  const known = state.targets.get(targetKey(farm, target))
  if (known === undefined) return notThere(farm, target)
  return h(KnownTarget, { key: targetKey(farm, target), state, known, query })
}

interface KnownProps {
  readonly state: PageState
  readonly known: TargetState
  readonly query: Place['query']
}

function KnownTarget({ state, known, query }: KnownProps): Markup {
  const { farm, target } = known
  const checks = known.checks.map(({ check }) => check)
  const check = checks.find((name) => name === query['check']) ?? checks[0]
  const range = rangeNamed(state.oldestMs, query['range'], '1h')
  const { data, problem } = useTargetData({ farm, target, check }, range)
  const linkOf = (change: Place['query']) =>
    linkTo.target(farm, target, { range: range.name, check, ...change })
  const checkOffers = checks.map((name) => ({ name, isChosen: name === check }))
  return html`
    <div class="target-page">
      <header class="page-head">
        <nav class="crumbs" aria-label="Where you are">
          <a href=${linkTo.farms()}>Farms</a><span aria-hidden="true">/</span>${farm}
        </nav>
        <div class="headline">
          <h1>${target}</h1>
          ${conditionLine(known)}
          <span class="url">${`${known.scheme}://${known.address}`}</span>
        </div>
        <div class="controls">
          ${checks.length > 1 && choices('Check', checkOffers, (name) => linkOf({ check: name }))}
          ${rangeNav(state.oldestMs, range, (name) => linkOf({ range: name }))}
        </div>
      </header>
      ${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
      ${keyFigures(known.role, data)}
      ${h(ChartPanels, { data })}
      ${data && h(Details, { state, known, data })}
    </div>`
}

function conditionLine(known: TargetState): Markup {
  const { tone, words, check } = conditionOf(known)
  const outageSinceMs = check?.outageSinceMs ?? null
  return stateLine(tone, words, outageSinceMs === null ? '' : `for ${age(now() - outageSinceMs)}`)
}

const panel = (title: string, ...content: Markup[]) =>
  html`<section class="panel" aria-label=${title}><h2>${title}</h2>${content}</section>`

/** The charts are loaded when a target is shown: the overview does without them. */
const loadCharts = () =>
  Promise.all([import('../charts/first_byte_chart.ts'), import('../charts/phases_chart.ts')])

function ChartPanels({ data }: { readonly data: TargetData | undefined }): Markup {
  const [charts, setCharts] = useState<Awaited<ReturnType<typeof loadCharts>>>()
  useEffect(() => void loadCharts().then(setCharts), [])
  const [firstByte, phases] =
    charts === undefined || data === undefined
      ? [html`<div class="chart first-byte" />`, html`<div class="chart phases" />`]
      : [h(charts[0].FirstByteChart, { data }), h(charts[1].PhasesChart, { data })]
  return [panel('Time to first byte', firstByte), panel('Where the time goes', phases)]
}

interface DetailsProps {
  readonly state: PageState
  readonly known: TargetState
  readonly data: TargetData
}

function Details({ state, known, data }: DetailsProps): Markup {
  const { farm, target, role, crosscheck } = known
  const entries = useMemo(() => condense(data.feed).slice(0, mostEntries), [data.feed])
  const allWords = data.feed.length > mostEntries ? `All ${data.feed.length} events` : 'Find events'
  const allEvents = linkTo.events({ farm, target, range: data.range.name })
  return html`
    <div class="columns">
      <div>
        ${role === 'node' && panel('Recycles', recycleTable(data))}
        ${crosscheck && panel('Inside and outside', crosscheckTable(crosscheck, data.feed))}
        ${panel('Outages', outageTable(data))}
        ${panel('Recent failures', h(FailureList, { failures: data.failures }))}
      </div>
      <div>
        <section class="panel is-feed" aria-label="What happened">
          <h2>What happened</h2>
          ${state.changesAllowed && h(MarkForm, { farm, target })}
          ${h(EventList, { entries })}
          <p class="all-events"><a href=${allEvents}>${allWords}</a></p>
        </section>
      </div>
    </div>`
}

const notThere = (farm: string, target: string): Markup => html`
  <div class="panel not-there">
    <h1>There is no ${target} in ${farm}</h1>
    <p>
      It may have left the farm. <a href=${linkTo.events({ farm, target })}>What happened to it</a>
      ${' · '}<a href=${linkTo.farms()}>All farms</a>
    </p>
  </div>`
