/** Links of which one is chosen. */
import { html, type Markup } from '../markup.ts'
import { offeredRanges, type Range } from '../state/ranges.ts'

type LinkOf = (name: string) => string

/** `linkOf` gives the address of each name, `titles` its tooltip. */
export function choices(
  label: string,
  names: readonly string[],
  chosen: string | undefined,
  linkOf: LinkOf,
  titles: Readonly<Record<string, string>> = {},
): Markup {
  const link = (name: string) => html`
    <a href=${linkOf(name)} aria-current=${name === chosen ? 'true' : undefined} title=${titles[name]}>${name}</a>`
  return html`<nav class="choices" aria-label=${label}>${names.map(link)}</nav>`
}

export function rangeNav(oldestMs: number, chosen: Range | undefined, linkOf: LinkOf): Markup {
  const titles = Object.fromEntries(offeredRanges(oldestMs).map(({ name, words }) => [name, words]))
  return choices('Time range', Object.keys(titles), chosen?.name, linkOf, titles)
}
