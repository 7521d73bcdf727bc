/** Events and marks as a story, the newest first, with a heading for each day. */
import { h } from './dom.js'
import { clockTime, day } from './format.js'
import { linkTo } from './router.js'
import { eventTone, shape } from './words.js'

/** A list that shows nothing yet. */
export function createStoryList({ farms = false } = {}) {
  const element = h('ol', { class: 'events' })
  const items = new Map()
  return {
    element,
    /** Shows these, and only these; what is shown already stays as it is. `linked` is the id of one to be marked. */
    draw(story, linked) {
      const wanted = []
      let before
      for (const event of story) {
        const date = day(event.atMs)
        if (date !== before && before !== undefined)
          wanted.push(items.get(date) ?? remember(items, date, h('li', { class: 'day' }, date)))
        before = date
        wanted.push(items.get(event.id) ?? remember(items, event.id, itemOf(event, farms)))
      }
      const keep = new Set(wanted)
      for (const [id, item] of items) if (!keep.has(item)) items.delete(id)
      arrange(element, wanted.length === 0 ? [h('li', { class: 'empty' }, 'Nothing happened.')] : wanted)
      for (const item of element.children)
        item.classList.toggle('linked', linked !== undefined && item.dataset.id === linked)
    },
  }
}

function remember(items, id, item) {
  items.set(id, item)
  return item
}

/** Puts children in order, and touches those alone that are not in their place. */
function arrange(element, wanted) {
  const keep = new Set(wanted)
  for (const child of Array.from(element.children)) if (!keep.has(child)) child.remove()
  for (const [index, child] of wanted.entries())
    if (element.children[index] !== child) element.insertBefore(child, element.children[index] ?? null)
}

function itemOf(event, farms) {
  const place =
    event.target ??
    (event.kind === 'balancer_error' && !['balancer', 'unknown'].includes(event.node)
      ? event.node
      : undefined)
  return h(
    'li',
    { class: 'event', 'data-id': event.id, 'data-kind': event.kind },
    h(
      'a',
      {
        class: 'time',
        href: linkTo.events({
          at: event.id,
          since: new Date(event.atMs - 1_800_000).toISOString(),
          until: new Date(event.atMs + 1_800_000).toISOString(),
        }),
        title: day(event.atMs),
      },
      h('time', { datetime: new Date(event.atMs).toISOString() }, clockTime(event.atMs)),
    ),
    shape(event.kind, eventTone(event)),
    h(
      'span',
      { class: 'sentence' },
      farms && event.farm !== undefined && h('span', { class: 'farm-name' }, event.farm),
      linked(event.sentence, event.farm, place),
      event.tells !== undefined && h('span', { class: 'tells' }, `Made by ${event.tells}.`),
    ),
  )
}

/** The sentence, with the node's name as a link to its page. */
function linked(sentence, farm, place) {
  const at = place === undefined || farm === undefined ? -1 : sentence.indexOf(place)
  if (at < 0) return sentence
  return [
    sentence.slice(0, at),
    h('a', { href: linkTo.target(farm, place) }, place),
    sentence.slice(at + place.length),
  ]
}
