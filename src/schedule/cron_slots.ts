/** When the slots of a cron check are due, by the wall clock of its time zone. */
import { createTask, parse } from 'node-cron'
import { dayMs, hourMs, minuteMs } from '../runtime/duration.ts'

/** After the wall clock was set back by more than this, slots run again; after less, no slot runs twice. */
const setBackMs = 3 * hourMs
/** Slots are counted at most this many steps back: 25 hours of minutes. */
const mostSteps = 1500

/** The slots of a cron expression after `fromMs` in wall milliseconds, as `cronMatcher` finds them. */
export function cronSlots(cron: string, timezone: string, fromMs: number) {
  const isSlot = cronMatcher(cron, timezone)
  const stepMs = hasSeconds(cron) ? 1000 : minuteMs
  const floor = (wallMs: number) => Math.floor(wallMs / stepMs) * stepMs
  /** The last step that has been looked at. */
  let seenMs = floor(fromMs)
  return {
    /** How late a slot may be run, in milliseconds: until the next could be due. */
    stepMs,
    /** Passes over the slots since the last call, up to `wallMs`: their number and the last of them. */
    advance(wallMs: number): { readonly count: number; readonly lastMs: number } {
      if (wallMs < seenMs - setBackMs) seenMs = floor(wallMs)
      const untilMs = floor(wallMs)
      let count = 0
      let lastMs = Number.NEGATIVE_INFINITY
      seenMs = Math.max(seenMs, untilMs - mostSteps * stepMs)
      while (seenMs < untilMs) {
        seenMs += stepMs
        if (!isSlot(seenMs)) continue
        count++
        lastMs = seenMs
      }
      return { count, lastMs }
    },
    /** How long to wait before the next `advance`, in milliseconds: at most a minute, for the wall clock may be set. */
    delayMs: (wallMs: number): number => Math.min(minuteMs, Math.max(1, seenMs + stepMs - wallMs)),
  }
}

const hasSeconds = (cron: string) => {
  const { second } = parse(cron)
  return second.length !== 1 || second[0] !== 0
}

/** How many slots a second a cron expression has on a day on which it has any. */
export function cronRate(cron: string): number {
  const { hour, minute, second } = parse(cron)
  return (1000 * hour.length * minute.length * second.length) / dayMs
}

/**
 * Whether a moment, in wall milliseconds, is one that the cron expression names in its time zone. Each time has one
 * moment, as in RFC 5545: when clocks go back, the first of two; when they skip it, as long after the change as the time
 * is after the beginning of what is skipped. An expression for every hour names both of two equal hours.
 */
export function cronMatcher(cron: string, timezone: string): (atMs: number) => boolean {
  const isNamed = localMatcher(cron)
  const isEveryHour = parse(cron).hour.length === 24
  const clocksAt = zoneClocks(timezone)
  return (atMs) => {
    const { offsetMs, changedMs } = clocksAt(atMs)
    if (changedMs < 0 && !isEveryHour) return false
    return isNamed(atMs + offsetMs) || (changedMs > 0 && isNamed(atMs + offsetMs - changedMs))
  }
}

/** Whether a local time, given as the moment at which UTC shows it, is one that the expression names. */
function localMatcher(cron: string): (localMs: number) => boolean {
  const { second, minute, hour } = parse(cron)
  const days = dayExpressions(cron).map((expression) => {
    const task = createTask(expression, () => undefined, { timezone: 'UTC' })
    // node-cron registers a task until it is destroyed; a destroyed one still matches, which is all that is needed.
    void task.destroy()
    return task
  })
  return (localMs) =>
    second.includes(Math.floor(localMs / 1000) % 60) &&
    minute.includes(Math.floor(localMs / minuteMs) % 60) &&
    hour.includes(Math.floor(localMs / hourMs) % 24) &&
    days.some((day) => day.match(new Date(localMs)))
}

/**
 * node-cron wants both the day of the month and the weekday to match. As in POSIX, either is enough when both are given;
 * a field that begins with `*` gives none, as in the cron of most systems.
 */
function dayExpressions(cron: string): string[] {
  const fields = cron.trim().split(/\s+/)
  const [date = '*', month = '*', weekday = '*'] = fields.slice(-3)
  if (fields.length < 5 || /^[*?]/.test(date) || /^[*?]/.test(weekday)) return [cron]
  const times = fields.slice(0, -3)
  return [
    [...times, date, month, '*'],
    [...times, '*', month, weekday],
  ].map((each) => each.join(' '))
}

interface Clocks {
  /** What they are ahead of UTC. */
  readonly offsetMs: number
  /** By how much they were changed, where the time they show was skipped or shown before because of that; otherwise 0. */
  readonly changedMs: number
}

/** Offsets of zones, and the moments at which they change, are whole quarters of an hour. */
const quarterMs = 15 * minuteMs

/** How clocks of the zone stand at a moment, in wall milliseconds; quick for moments near the last one. */
function zoneClocks(timeZone: string): (atMs: number) => Clocks {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  const offsetAt = (atMs: number): number => {
    const name = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = 0, minutes = 0] = /([+-])(\d+):(\d+)/.exec(name) ?? []
    return (sign === '-' ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs)
  }
  const look = (atMs: number): Clocks => {
    const offsetMs = offsetAt(atMs)
    const changedMs = offsetMs - offsetAt(atMs - dayMs)
    const isRecent = changedMs !== 0 && offsetAt(atMs - Math.abs(changedMs)) === offsetMs - changedMs
    return { offsetMs, changedMs: isRecent ? changedMs : 0 }
  }
  let quarter = Number.NaN
  let clocks: Clocks = { offsetMs: 0, changedMs: 0 }
  return (atMs) => {
    const asked = Math.floor(atMs / quarterMs)
    if (asked !== quarter) clocks = look(asked * quarterMs)
    quarter = asked
    return clocks
  }
}
