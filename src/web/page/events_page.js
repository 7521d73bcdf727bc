/** All that happened, to be narrowed down; every choice is in the address, so that it can be sent to somebody. */
import { ask } from './api.js'
import { fill, h, write } from './dom.js'
import { count, dayTime } from './format.js'
import { createMarkForm } from './mark_form.js'
import { rangeNamed, rangeNav } from './ranges.js'
import { linkTo } from './router.js'
import { merged } from './state.js'
import { createStoryList } from './story_list.js'
import { eventTone, kindWords, shape } from './words.js'

const most = 1000

/** Shows the events that the address asks for in `main`. */
export async function showEvents(main, state, { parameters }) {
  document.title = 'Events – farmprobe'
  const { farm, target, kind, at, since, until } = parameters
  const range = rangeNamed(state.oldestMs, parameters.range, '24h')
  const kinds = new Set(kind === undefined ? Object.keys(kindWords) : kind.split(','))
  const list = createStoryList({ farms: state.farms.length > 1 })
  const found = h('p', { class: 'found', role: 'status' }, ' ')
  const linkOf = (change) =>
    linkTo.events({
      farm,
      target,
      kind,
      range: since === undefined ? range.name : undefined,
      since,
      until,
      ...change,
    })
  fill(
    main,
    h(
      'div',
      { class: 'events-page' },
      h(
        'header',
        { class: 'page-head' },
        h('h1', {}, 'Events'),
        h(
          'div',
          { class: 'controls' },
          placeChoice(state, farm, target, linkOf),
          rangeNav(state.oldestMs, since === undefined ? range : {}, (name) =>
            linkOf({ range: name, since: undefined, until: undefined }),
          ),
        ),
      ),
      kindChoice(kinds, linkOf),
      h(
        'section',
        { class: 'panel is-story', 'aria-label': 'Events found' },
        state.changesAllowed && createMarkForm(farm, target),
        found,
        list.element,
      ),
    ),
  )
  let story = []
  const draw = () => {
    const shown = story.filter((event) => kinds.has(event.kind)).toReversed()
    list.draw(shown, at)
    const span =
      since === undefined
        ? `in the last ${range.words}`
        : `from ${dayTime(Date.parse(since))} to ${until === undefined ? 'now' : dayTime(Date.parse(until))}`
    write(
      found,
      `${count(shown.length, 'event')} ${span}${story.length >= most ? `; of more than ${most} the newest` : ''}`,
    )
  }
  const asked = { farm, target, since: since ?? range.name, until }
  const [events, marks] = await Promise.all([
    ask('/api/v1/events', { ...asked, kind: eventKindsOf(kinds), limit: most }),
    ask('/api/v1/marks', asked),
  ])
  story = merged(events.events, marks.marks, events.blind)
  draw()
  list.element.querySelector('.linked')?.scrollIntoView({ block: 'center' })
  return {
    draw: () => undefined,
    tick: () => undefined,
    news(batch) {
      if (until !== undefined) return
      const news = merged(
        batch.events.filter((event) => isAsked(event, farm, target)),
        batch.marks.filter((mark) => isAsked(mark, farm, target)),
      )
      if (news.length === 0) return
      const known = new Set(story.map(({ id }) => id))
      story = [...story, ...news.filter(({ id }) => !known.has(id))].sort((a, b) => a.atMs - b.atMs)
      draw()
    },
  }
}

/** Marks and blindness come of themselves; with none of the others wanted, all are asked for and none is shown. */
function eventKindsOf(kinds) {
  const wanted = [...kinds].filter((kind) => kind !== 'mark' && kind !== 'blind')
  return wanted.length === Object.keys(kindWords).length - 2 ? undefined : wanted.join(',')
}

function kindChoice(kinds, linkOf) {
  const all = Object.keys(kindWords)
  const isAll = kinds.size === all.length
  const chip = (kind) => {
    const isOn = !isAll && kinds.has(kind)
    const next = isOn ? [...kinds].filter((each) => each !== kind) : isAll ? [kind] : [...kinds, kind]
    return h(
      'li',
      {},
      h(
        'a',
        {
          class: 'chip',
          href: linkOf({
            kind: next.length === 0 || next.length === all.length ? undefined : next.join(','),
          }),
          role: 'switch',
          'aria-checked': String(isOn),
        },
        shape(kind, eventTone({ kind, reason: 'ok', verdict: 'masked' })),
        kindWords[kind],
      ),
    )
  }
  return h('ul', { class: 'chips', 'aria-label': 'Kinds of events' }, all.map(chip))
}

function placeChoice(state, farm, target, linkOf) {
  const select = h(
    'select',
    { 'aria-label': 'Farm or target' },
    option('Every farm', JSON.stringify([]), farm === undefined),
  )
  for (const each of state.farms) {
    select.append(option(each.name, JSON.stringify([each.name]), farm === each.name && target === undefined))
    for (const { target: name } of each.targets)
      select.append(
        option(
          `${each.name} / ${name}`,
          JSON.stringify([each.name, name]),
          farm === each.name && target === name,
        ),
      )
  }
  select.addEventListener('change', () => {
    const [nextFarm, nextTarget] = JSON.parse(select.value)
    location.hash = linkOf({ farm: nextFarm, target: nextTarget })
  })
  return select
}

const option = (words, value, isChosen) => h('option', { value, selected: isChosen }, words)

/** Whether an event or a mark is one of those that the address names. */
const isAsked = (one, farm, target) =>
  (farm === undefined || one.farm === undefined || one.farm === farm) &&
  (target === undefined ||
    one.target === target ||
    one.node === target ||
    one.targets?.includes(target) ||
    (one.kind === undefined && one.target === undefined))
