/** When the slots of a cron check are due, by the wall clock of its time zone. */
import { createTask, parse } from 'node-cron'
import { hourMs, minuteMs } from '../runtime/duration.ts'

/** After the wall clock was set back by more than this, slots run again; after less, no slot runs twice. */
const setBackMs = 3 * hourMs
/** Slots are counted at most this many steps back: 25 hours of minutes. */
const mostSteps = 1500

/**
 * The slots of a cron expression after `fromMs` in wall milliseconds. When clocks go back, an expression that names
 * its hours runs at the first of two equal times only, and one for every hour runs in both hours; when they go
 * forward, times that do not exist have no slot.
 */
export function cronSlots(cron: string, timezone: string, fromMs: number) {
  const isSlot = slotMatcher(cron, timezone)
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

/** Whether a moment, in wall milliseconds, is one that the cron expression names in its time zone. */
export function cronMatcher(cron: string, timezone: string): (atMs: number) => boolean {
  const task = createTask(cron, () => undefined, { timezone })
  // node-cron registers a task until it is destroyed; a destroyed one still matches, which is all that is needed.
  void task.destroy()
  const { second, minute } = parse(cron)
  return (atMs) =>
    second.includes(Math.floor(atMs / 1000) % 60) &&
    isPossibleMinute(Math.floor(atMs / minuteMs) % 60, minute) &&
    task.match(new Date(atMs))
}

/** A matcher of slots: of two equal times, when clocks go back, only the first, unless every hour has a slot. */
function slotMatcher(cron: string, timezone: string): (atMs: number) => boolean {
  const matches = cronMatcher(cron, timezone)
  if (parse(cron).hour.length === 24) return matches
  const offsetMs = zoneOffset(timezone)
  return (atMs) => matches(atMs) && !isRepeated(atMs, offsetMs)
}

/** Zones differ from UTC by quarters of an hour, so most minutes are ruled out without the costly `match`. */
const isPossibleMinute = (utcMinute: number, minutes: readonly number[]) =>
  [0, 15, 30, 45].some((offset) => minutes.includes((utcMinute + offset) % 60))

/** Whether the clocks of the zone have shown this time before, because they went back in the last three hours. */
function isRepeated(atMs: number, offsetMs: (atMs: number) => number): boolean {
  const beforeMs = offsetMs(atMs - setBackMs)
  const wentBackMs = beforeMs - offsetMs(atMs)
  return wentBackMs > 0 && offsetMs(atMs - wentBackMs) === beforeMs
}

/** A function that gives the zone's offset from UTC in milliseconds. */
function zoneOffset(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  return (atMs) => {
    const name = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours, minutes] = /([+-])(\d+):(\d+)/.exec(name) ?? []
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * hourMs + Number(minutes ?? 0) * minuteMs)
  }
}
