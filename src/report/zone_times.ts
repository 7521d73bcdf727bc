/** Times in a zone, as people in it read them; absent: the zone of this machine. */
type Parts = Intl.DateTimeFormatOptions

const dayParts: Parts = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }
const clockParts: Parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }

export function timesIn(timeZone?: string) {
  const format = (parts: Parts) => new Intl.DateTimeFormat('en-GB', timeZone ? { ...parts, timeZone } : parts)
  const [days, clocks, zones] = [format(dayParts), format(clockParts), format({ timeZoneName: 'short' })]
  /** `Sun 29 Nov 2026` */
  const day = (ms: number) => days.format(ms).replace(',', '')
  /** `03:02:18` */
  const clock = (ms: number) => clocks.format(ms)
  /** `CET` */
  const zone = (ms: number) =>
    zones.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  /** `Sun 29 Nov 2026, 03:02:18 CET` */
  const moment = (ms: number) => `${day(ms)}, ${clock(ms)} ${zone(ms)}`
  return {
    day,
    clock,
    zone,
    moment,
    /** `Sun 29 Nov 2026, 03:02:18 to 03:02:59 CET`; the second day and the first zone only where they differ. */
    span(fromMs: number, toMs: number): string {
      const from = zone(fromMs) === zone(toMs) ? `${day(fromMs)}, ${clock(fromMs)}` : moment(fromMs)
      return `${from} to ${day(fromMs) === day(toMs) ? `${clock(toMs)} ${zone(toMs)}` : moment(toMs)}`
    },
  }
}

export type Times = ReturnType<typeof timesIn>
