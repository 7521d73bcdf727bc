/** The kinds of values that attributes hold, read as IIS reads them: without regard to case. */
import { dayMs, hourMs, minuteMs, secondMs } from '../../runtime/duration.ts'

export interface Kind<T> {
  readonly read: (text: string) => T | undefined
  readonly write: (value: T) => string
  /** What would be right, as a clause. */
  readonly right: string
}

export const text: Kind<string> = { read: (written) => written, write: String, right: 'write a text' }

export const flag: Kind<boolean> = {
  read(written) {
    const lower = written.trim().toLowerCase()
    return lower === 'true' || lower === 'false' ? lower === 'true' : undefined
  },
  write: String,
  right: 'write true or false',
}

export const count: Kind<number> = {
  read: (written) => (/^\d{1,10}$/.test(written.trim()) ? Number(written) : undefined),
  write: String,
  right: 'write a whole number',
}

export const port: Kind<number> = {
  read(written) {
    const number = count.read(written)
    return number !== undefined && number >= 1 && number <= 65_535 ? number : undefined
  },
  write: String,
  right: 'write a port from 1 to 65535',
}

/** A time span in milliseconds, `[d.]hh:mm:ss[.fff]`; its hours may be more than 24, as in IIS's own 29:00:00. */
export const timeSpan: Kind<number> = {
  read(written) {
    const [, days = '0', hours, minutes, seconds, fraction = '0'] =
      /^(?:(\d{1,5})\.)?(\d{1,6}):([0-5]?\d):([0-5]?\d)(?:\.(\d{1,7}))?$/.exec(written.trim()) ?? []
    if (hours === undefined) return undefined
    return (
      Number(days) * dayMs +
      Number(hours) * hourMs +
      Number(minutes) * minuteMs +
      Number(seconds) * secondMs +
      Math.round(Number(`0.${fraction}`) * secondMs)
    )
  },
  write(ms) {
    const seconds = Math.round(ms / secondMs)
    return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':')
  },
  right: 'write hours, minutes and seconds, such as 00:20:00',
}

const twoDigits = (value: number) => String(value).padStart(2, '0')

/** A time of day in minutes after midnight, `hh:mm:ss`. */
export const timeOfDay: Kind<number> = {
  read(written) {
    const ms = timeSpan.read(written)
    return ms === undefined || ms >= dayMs ? undefined : Math.floor(ms / minuteMs)
  },
  write: (minute) => timeSpan.write(minute * minuteMs),
  right: 'write a time of day, such as 03:10:00',
}

/** The words of a list such as `Time, Memory`. */
export const flagsOf = (written: string): string[] =>
  written
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

export function oneOf<const T extends string>(...names: readonly T[]): Kind<T> {
  return {
    read: (written) => names.find((name) => name.toLowerCase() === written.trim().toLowerCase()),
    write: String,
    right: `write ${names.join(' or ')}`,
  }
}
