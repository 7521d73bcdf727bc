/** The times that can be looked at: as far back as there is a memory of. */
import { now } from './clock.js'
import { h } from './dom.js'

const hourMs = 3_600_000

const ranges = [
  { name: '15m', words: '15 minutes', ms: hourMs / 4 },
  { name: '1h', words: '1 hour', ms: hourMs },
  { name: '6h', words: '6 hours', ms: 6 * hourMs },
  { name: '24h', words: '24 hours', ms: 24 * hourMs },
  { name: '7d', words: '7 days', ms: 7 * 24 * hourMs },
  { name: '30d', words: '30 days', ms: 30 * 24 * hourMs },
  { name: '90d', words: '90 days', ms: 90 * 24 * hourMs },
]

/** Ranges worth offering: every one that the memory fills, and the first that it does not. */
function offered(oldestMs) {
  const firstBeyond = ranges.findIndex(({ ms }) => now() - ms <= oldestMs)
  return firstBeyond < 0 ? ranges : ranges.slice(0, Math.max(2, firstBeyond + 1))
}

/** The range of that name, or the usual one; the longest there is when it is longer than the memory. */
export function rangeNamed(oldestMs, name, usual) {
  const all = offered(oldestMs)
  const wanted = ranges.some((range) => range.name === name) ? name : usual
  return all.find((range) => range.name === wanted) ?? all.at(-1)
}

/** Links to the ranges; `linkOf` gives each its address. */
export function rangeNav(oldestMs, current, linkOf) {
  const links = offered(oldestMs).map(({ name, words }) =>
    h(
      'a',
      { href: linkOf(name), 'aria-current': name === current.name ? 'true' : undefined, title: words },
      name,
    ),
  )
  return h('nav', { class: 'choices', 'aria-label': 'Time range' }, links)
}
