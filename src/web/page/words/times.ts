/** Times in the reader's zone, or all of them in UTC, which is what most logs have. */
import { html, type Markup } from '../markup.ts'
import { isClockStopped, now } from '../state/server_clock.ts'
import { age, roughAge } from './format.ts'

type Parts = Intl.DateTimeFormatOptions

const clockParts: Parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }
const minuteParts: Parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
const dayParts: Parts = { weekday: 'short', day: 'numeric', month: 'short' }

const formatsIn = (timeZone: string | undefined) => {
  const format = (parts: Parts, locale?: string) =>
    new Intl.DateTimeFormat(locale, timeZone === undefined ? parts : { ...parts, timeZone })
  return {
    clock: format(clockParts),
    minute: format(minuteParts),
    // The page is in English: a day reads the same for all who read it.
    day: format(dayParts, 'en-GB'),
    year: format({ ...dayParts, year: 'numeric' }, 'en-GB'),
    zone: format({ timeZoneName: 'short' }),
  }
}

const local = formatsIn(undefined)
const utc = formatsIn('UTC')
const stored = 'farmprobe times'

let formats = sessionStorage.getItem(stored) === 'UTC' ? utc : local

export const isUtc = (): boolean => formats === utc

/** Shows all times in UTC, or again in the reader's zone, as long as the tab is open. */
export function toggleUtc(): void {
  formats = isUtc() ? local : utc
  sessionStorage.setItem(stored, isUtc() ? 'UTC' : 'local')
}

/** `14:03:22` */
export const clockTime = (ms: number): string => formats.clock.format(ms)

/** `14:03` */
export const minuteTime = (ms: number): string => formats.minute.format(ms)

/** `Sun 22 Nov` */
export const day = (ms: number): string => formats.day.format(ms).replace(',', '')

/** `Sun 22 Nov 2026` */
export const dayOfYear = (ms: number): string => formats.year.format(ms).replace(',', '')

/** `Sun 22 Nov 14:03:22` */
export const dayTime = (ms: number): string => `${day(ms)} ${clockTime(ms)}`

/** The zone of the times, such as `CET`. */
export const zone = (ms: number): string => zoneIn(formats, ms)

const zoneIn = ({ zone }: typeof local, ms: number): string =>
  zone.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''

/** `02:02:18` in UTC, whatever the page shows. */
export const utcTime = (ms: number): string => utc.clock.format(ms)

const isoTime = (ms: number): string => new Date(ms).toISOString()

/** A time of day. The pointer gets its day, and the time in UTC as well. */
export const timeOf = (ms: number, words = clockTime(ms)): Markup => html`
  <time datetime=${isoTime(ms)} title=${`${dayTime(ms)} ${zone(ms)}, ${utcTime(ms)} UTC`}>${words}</time>`

/** Whether a time is of the day that the page's clock shows. */
export const isToday = (ms: number): boolean => day(ms) === day(now())

/** `15 min ago`; `at 03:02` on a page whose clocks have stopped: ages would go on being read as true. */
export const ago = (ms: number): string =>
  isClockStopped() ? `at ${isToday(ms) ? '' : `${day(ms)} `}${minuteTime(ms)}` : `${roughAge(now() - ms)} ago`

/** `for 6 min 12 s`; `since 03:11:30` on a page whose clocks have stopped. */
export const lasting = (ms: number): string =>
  isClockStopped() ? `since ${isToday(ms) ? '' : `${day(ms)} `}${clockTime(ms)}` : `for ${age(now() - ms)}`
