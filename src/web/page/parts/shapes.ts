/** Small shapes. Every tone and every kind of event has a shape of its own: colour is never alone. */
import { html, type Markup } from '../markup.ts'
import type { FeedKind, Tone } from '../words/words.ts'

const shapes: Readonly<Record<Tone | FeedKind, string>> = {
  ok: 'M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11z',
  slow: 'M8 1.800L15 14H1z',
  bad: 'M2.500 2.500h11v11h-11z',
  unknown:
    'M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11zM8 4.300a3.700 3.700 0 1 1 0 7.400a3.700 3.700 0 1 1 0-7.400z',
  recycle: 'M8 1l7 7-7 7-7-7z',
  stall: 'M4 2h3v12H4zM9 2h3v12H9z',
  first_request: 'M8 1l7 7-7 7-7-7zM8 4.200L4.200 8 8 11.800 11.800 8z',
  outage_opened: 'M2.500 2.500h11v11h-11z',
  outage_closed: 'M2.500 2.500h11v11h-11zM4.500 4.500v7h7v-7z',
  verdict: 'M1 3h14v10H1z',
  balancer_error: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  link: 'M1 6.500h4v3H1zM11 6.500h4v3h-4zM7.300 2h1.400v12H7.300z',
  deploy: 'M8 1l6 6h-4v8H6V7H2z',
  habit:
    'M8 1.500a6.500 6.500 0 1 0 6.500 6.500h-2a4.500 4.500 0 1 1-1.500-3.400L9 6.600h5.500V1.100l-2 2A6.500 6.500 0 0 0 8 1.500z',
  identity: 'M8 1.500a3.500 3.500 0 1 1 0 7a3.500 3.500 0 1 1 0-7zM2 14.500c0-7 12-7 12 0z',
  maintenance: 'M2 6.500h12v3H2z',
  crosscheck: 'M5.500 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10zM10.500 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z',
  exporter: 'M2 2h12v4H2zM2 7h12v3H2zM2 11h12v3H2z',
  incident_opened: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13z',
  incident_closed: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13zM8 5a3 3 0 1 1 0 6a3 3 0 1 1 0-6z',
  mark: 'M3 1h2v14H3zM6 2h8l-2.500 3L14 8H6z',
  blind: 'M1 7h4v2H1zM6 7h4v2H6zM11 7h4v2h-4z',
}

/** Drawn on top of the shape. */
const strokes: Readonly<Partial<Record<Tone | FeedKind, string>>> = {
  ok: 'M5.200 8.200l2 2 3.600-4.200',
  slow: 'M8 6.200v4M8 11.300v1.400',
  bad: 'M5.500 5.500l5 5M10.500 5.500l-5 5',
}

/** A shape; the text beside it says what it means. */
export const shape = (name: Tone | FeedKind, tone: Tone): Markup => html`
  <svg viewBox="0 0 16 16" class="shape" data-tone=${tone} aria-hidden="true">
    <path d=${shapes[name]} fill-rule="evenodd" />
    ${strokes[name] !== undefined && html`<path d=${strokes[name]} class="on" />`}
  </svg>`

export const toneShape = (tone: Tone): Markup => shape(tone, tone)

/** A line that states a verdict or a condition, and for how long it has held. */
export const stateLine = (tone: Tone, words: string, since: string): Markup => html`
  <p class="verdict" data-tone=${tone}>
    <span class="icon">${toneShape(tone)}</span><strong>${words}</strong><span class="since">${since}</span>
  </p>`
