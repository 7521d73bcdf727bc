/** Links of which one is chosen. */
import { html, type Markup } from '../markup.ts'
import { offeredRanges, type Range } from '../state/ranges.ts'

/** The time ranges. */
export const rangeNav = (
  oldestMs: number,
  current: Range | undefined,
  linkOf: (name: string) => string,
): Markup =>
  choices(
    'Time range',
    offeredRanges(oldestMs).map(({ name, words }) => ({ name, words, isChosen: name === current?.name })),
    linkOf,
  )

/** `linkOf` gives the address of each. */
export const choices = (
  label: string,
  offers: readonly { readonly name: string; readonly words?: string; readonly isChosen: boolean }[],
  linkOf: (name: string) => string,
): Markup => html`
  <nav class="choices" aria-label=${label}>
    ${offers.map(
      ({ name, words, isChosen }) =>
        html`<a href=${linkOf(name)} aria-current=${isChosen ? 'true' : undefined} title=${words}>${name}</a>`,
    )}
  </nav>`
