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
import { throughWords } from '../words/through_words.ts'
import { lasting } from '../words/times.ts'
import { FailureList } from './failure_list.ts'
import { keyFigures } from './key_figures.ts'
import { type TargetData, useTargetData } from './target_data.ts'
import { crosscheckTable, outageTable, recycleTable } from './target_tables.ts'

/** Entries of the feed that are shown; a link leads to the others. */
const mostEntries = 30

type TargetPlace = Extract<Place, { view: 'target' }>

export function TargetPage({ state, place }: { state: PageState; place: TargetPlace }): Markup {
  const { farm, target, query } = place
  const key = targetKey(farm, target)
  const known = state.targets.get(key)
  return known === undefined ? notThere(farm, target) : h(KnownTarget, { key, state, known, query })
}

interface KnownProps {
  readonly state: PageState
  readonly known: TargetState
  readonly query: Place['query']
}

/** The charts are loaded when a target is shown: the overview does without them. */
const loadCharts = () =>
  Promise.all([import('../charts/first_byte_chart.ts'), import('../charts/phases_chart.ts')])

function KnownTarget({ state, known, query }: KnownProps): Markup {
  const { farm, target } = known
  const checks = known.checks.map(({ check }) => check)
  const check = checks.find((name) => name === query['check']) ?? checks[0]
  const range = rangeNamed(state.oldestMs, query['range'], '1h')
  const { data, problem } = useTargetData({ farm, target, check }, range)
  const [charts, setCharts] = useState<Awaited<ReturnType<typeof loadCharts>>>()
  useEffect(() => void loadCharts().then(setCharts), [])
  const remark = known.checks.find((each) => each.check === check)?.last?.remark
  const linkOf = (change: Place['query']) =>
    linkTo.target(farm, target, { range: range.name, check, ...change })
  const { tone, words, check: judged } = conditionOf(known)
  const outageSinceMs = judged?.outageSinceMs ?? null
  const since = outageSinceMs === null ? '' : lasting(outageSinceMs)
  return html`
    <div class="target-page">
      <header class="page-head">
        <nav class="crumbs" aria-label="Where you are">
          <a href=${linkTo.farms()}>Farms</a><span aria-hidden="true">/</span>
          <a href=${linkTo.farm(farm)}>${farm}</a>
        </nav>
        <div class="target-head">
          <h1>${target}</h1>
          ${stateLine(tone, words, since)}
          <span class="url">${known.scheme}://${known.address}</span>
        </div>
        <div class="controls">
          ${checks.length > 1 && choices('Check', checks, check, (name) => linkOf({ check: name }))}
          ${rangeNav(state.oldestMs, range, (name) => linkOf({ range: name }))}
        </div>
      </header>
      ${remark !== undefined && html`<p class="quiet">${remark}</p>`}
      ${known.through !== null && html`<p class="quiet">${throughWords(target, known.through)}</p>`}
      ${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
      ${
        charts &&
        data && [
          keyFigures(known.role, data),
          panel('Time to first byte', h(charts[0].FirstByteChart, { data })),
          panel('Where the time goes', h(charts[1].PhasesChart, { data })),
          html`
            <div class="columns">
              <div>${tables(known, data)}</div>
              ${h(FeedPanel, { known, data, changesAllowed: state.changesAllowed })}
            </div>`,
        ]
      }
    </div>`
}

const panel = (title: string, content: Markup) =>
  html`<section class="panel" aria-label=${title}><h2>${title}</h2>${content}</section>`

const tables = ({ role, crosscheck }: TargetState, data: TargetData) => [
  role === 'node' && panel('Recycles', recycleTable(data)),
  crosscheck && panel('Inside and outside', crosscheckTable(crosscheck, data.feed)),
  panel('Outages', outageTable(data)),
  panel('Recent failures', h(FailureList, { failures: data.failures })),
]

interface FeedProps {
  readonly known: TargetState
  readonly data: TargetData
  readonly changesAllowed: boolean
}

function FeedPanel({ known: { farm, target }, data: { feed, range }, changesAllowed }: FeedProps): Markup {
  const entries = useMemo(() => condense(feed).slice(0, mostEntries), [feed])
  const allEvents = linkTo.events({ farm, target, range: range.name })
  return html`
    <section class="panel is-feed" aria-label="What happened">
      <h2>What happened</h2>
      ${changesAllowed && h(MarkForm, { farm, target })}
      ${h(EventList, { entries })}
      <p class="all-events">
        <a href=${allEvents}>All events of ${target}</a>
      </p>
    </section>`
}

const notThere = (farm: string, target: string): Markup => html`
  <div class="panel not-there">
    <h1>There is no ${target} in ${farm}</h1>
    <p>
      It may have left the farm. <a href=${linkTo.events({ farm, target })}>What happened to it</a>
      ${' · '}<a href=${linkTo.farms()}>All farms</a>
    </p>
  </div>`
