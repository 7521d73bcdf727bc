/** All events, to be narrowed down. Every choice is in the address, so that it can be sent to somebody. */
import { h } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { rangeNav } from '../parts/choices.ts'
import { shape } from '../parts/shapes.ts'
import { get, messageOf, type Query } from '../state/api_client.ts'
import { concerns, type FeedEntry, mergeFeed } from '../state/feed.ts'
import { linkTo, type Place } from '../state/links.ts'
import type { PageState } from '../state/page_state.ts'
import { rangeNamed } from '../state/ranges.ts'
import { onBatch } from '../state/stream_client.ts'
import { count } from '../words/format.ts'
import { dayTime } from '../words/times.ts'
import { type FeedKind, feedKinds, kindMeanings } from '../words/words.ts'
import { EventList } from './event_list.ts'
import { MarkForm } from './mark_form.ts'

const most = 1000

export function EventsPage({ state, query }: { state: PageState; query: Place['query'] }): Markup {
  const { farm, target, kind, at, since, until } = query
  const range = rangeNamed(state.oldestMs, query['range'], '24h')
  const kinds = useMemo(
    () => new Set(kind === undefined ? feedKinds : (kind.split(',') as FeedKind[])),
    [kind],
  )
  const { feed, problem } = useFeed({ ...query, since: since ?? range.name }, kinds)
  const entries = useMemo(() => feed?.filter((entry) => kinds.has(entry.kind)).toReversed(), [feed, kinds])
  useEffect(
    () => document.querySelector('.event.marked')?.scrollIntoView({ block: 'center' }),
    [at, feed === undefined],
  )
  const linkOfRange = (name: string) => linkOf({ range: name, since: undefined, until: undefined })
  const shownRange = since === undefined ? range : undefined
  const linkOf = (change: Query) =>
    linkTo.events({ farm, target, kind, range: shownRange?.name, since, until, ...change })
  const span =
    since === undefined
      ? `in the last ${range.words}`
      : `from ${dayTime(Date.parse(since))} to ${until === undefined ? 'now' : dayTime(Date.parse(until))}`
  const limited = feed !== undefined && feed.length >= most ? `; the newest of more than ${most}` : ''
  return html`
    <div class="events-page">
      <header class="page-head">
        <h1>Events</h1>
        <div class="controls">
          ${placeChoice(state, farm, target, linkOf)}
          ${rangeNav(state.oldestMs, shownRange, linkOfRange)}
        </div>
      </header>
      <ul class="chips" aria-label="Kinds of events">${feedKinds.map((each) => chip(each, kinds, linkOf))}</ul>
      <section class="panel is-feed" aria-label="Events found">
        ${state.changesAllowed && h(MarkForm, { farm, target })}
        <p class="found" role="status">
          ${problem ?? (entries && `${count(entries.length, 'event')} ${span}${limited}`)}
        </p>
        ${entries && h(EventList, { entries, marked: at, showsFarms: state.farms.length > 1 })}
      </section>
    </div>`
}

type LinkOf = (change: Query) => string

/** What the address asks for, and what the stream adds to it. */
function useFeed({ farm, target, since, until }: Place['query'], kinds: ReadonlySet<FeedKind>) {
  const [feed, setFeed] = useState<FeedEntry[]>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    const leaving = new AbortController()
    const asked = { farm, target, since, until }
    Promise.all([
      get('events', { ...asked, kind: eventKindsOf(kinds), limit: most }, leaving.signal),
      get('marks', asked, leaving.signal),
    ])
      .then(([{ events, blind }, { marks }]) => {
        if (leaving.signal.aborted) return
        setFeed(mergeFeed(events, marks, blind))
        setProblem(undefined)
      })
      .catch((error: unknown) => {
        if (leaving.signal.aborted) return
        setFeed(undefined)
        setProblem(`This cannot be shown: ${messageOf(error)}`)
      })
    const stop = onBatch(({ events, marks }) => {
      const newEvents = events.filter((event) => concerns(event, farm, target))
      const newMarks = marks.filter((mark) => concerns(mark, farm, target))
      if (until !== undefined || newEvents.length + newMarks.length === 0) return
      setFeed((before) => before && mergeFeed([...before, ...newEvents], newMarks))
    })
    return () => {
      leaving.abort()
      stop()
    }
  }, [farm, target, kinds, since, until])
  return { feed, problem }
}

/** What to ask the API for: marks and blind spells are not events; undefined stands for all kinds. */
function eventKindsOf(kinds: ReadonlySet<FeedKind>): string | undefined {
  const wanted = [...kinds].filter((kind) => kind !== 'mark' && kind !== 'blind')
  return kinds.size === feedKinds.length ? undefined : wanted.join(',')
}

function chip(kind: FeedKind, kinds: ReadonlySet<FeedKind>, linkOf: LinkOf): Markup {
  const isAll = kinds.size === feedKinds.length
  const isOn = !isAll && kinds.has(kind)
  const next = isOn ? [...kinds].filter((each) => each !== kind) : isAll ? [kind] : [...kinds, kind]
  const link = linkOf({ kind: next.length === feedKinds.length ? undefined : next.join(',') })
  const { words, tone } = kindMeanings[kind]
  return html`
    <li>
      <a class="chip" href=${link} role="switch" aria-checked=${String(isOn)}>${shape(kind, tone)}${words}</a>
    </li>`
}

function placeChoice(state: PageState, farm: string | undefined, target: string | undefined, linkOf: LinkOf) {
  const places = state.farms.flatMap(({ name, targets }) => [
    [name],
    ...targets.map((each) => [name, each.target]),
  ])
  const choose = ({ currentTarget }: Event) => {
    const [nextFarm, nextTarget] = JSON.parse((currentTarget as HTMLSelectElement).value)
    location.hash = linkOf({ farm: nextFarm, target: nextTarget })
  }
  const chosen = JSON.stringify([farm, target].filter((name) => name !== undefined))
  return html`
    <select aria-label="Farm or target" onChange=${choose} value=${chosen}>
      <option value="[]">Every farm</option>
      ${places.map((names) => html`<option value=${JSON.stringify(names)}>${names.join(' / ')}</option>`)}
    </select>`
}
