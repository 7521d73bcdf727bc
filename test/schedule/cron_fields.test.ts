/** Which minutes a cron expression names, against the words of POSIX. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cronMatcher } from '../../src/schedule/cron_slots.ts'

interface Field {
  readonly text: string
  readonly values: readonly number[]
  readonly isStar: boolean
}

const steps = (from: number, to: number, by: number) =>
  Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by)

/** A field of numbers, names, ranges and steps, and what it means. The first name stands for `min`. */
function fieldOf(min: number, max: number, names: readonly string[] = []): fc.Arbitrary<Field> {
  const number = fc.integer({ min, max })
  const one = number.map((n) => ({ text: `${n}`, values: [n] }))
  const named = fc
    .nat(Math.max(0, names.length - 1))
    .map((n) => ({ text: names[n] ?? '', values: [min + n] }))
  const range = fc.tuple(number, number, fc.integer({ min: 1, max: 7 })).map(([a, b, by]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    return { text: `${from}-${to}${by === 1 ? '' : `/${by}`}`, values: steps(from, to, by) }
  })
  const part = names.length === 0 ? fc.oneof(one, range) : fc.oneof(one, range, named)
  const list = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map(({ text }) => text).join(','),
    values: parts.flatMap(({ values }) => values),
    isStar: false,
  }))
  const star = fc
    .integer({ min: 1, max: 20 })
    .map((by) => ({ text: by === 1 ? '*' : `*/${by}`, values: steps(min, max, by), isStar: true }))
  return fc.oneof(list, star)
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

test('an expression names the minutes that POSIX says: a date or a weekday where both are given', () => {
  const moments = fc.array(fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) }), { minLength: 30 })
  const fields = [
    fieldOf(0, 59),
    fieldOf(0, 23),
    fieldOf(1, 31),
    fieldOf(1, 12, months),
    fieldOf(0, 7, weekdays),
  ] as const
  const isRight = fc.property(fc.tuple(...fields), moments, (all, atMs) => {
    const [minute, hour, date, month, weekday] = all
    const cron = all.map(({ text }) => text).join(' ')
    const isNamed = cronMatcher(cron, 'UTC')
    for (const ms of atMs) {
      const at = new Date(ms - (ms % 60_000))
      // Half of them at a time that is named, or few would be.
      if (ms % 2 === 0) at.setUTCHours(hour.values[0] ?? 0, minute.values[0])
      const isDate = date.values.includes(at.getUTCDate())
      const isWeekday = weekday.values.some((day) => day % 7 === at.getUTCDay())
      const isDay = date.isStar || weekday.isStar ? isDate && isWeekday : isDate || isWeekday
      const isTime = minute.values.includes(at.getUTCMinutes()) && hour.values.includes(at.getUTCHours())
      const right = isTime && month.values.includes(at.getUTCMonth() + 1) && isDay
      expect([cron, at, isNamed(at.getTime())]).toEqual([cron, at, right])
    }
  })
  fc.assert(isRight, { numRuns: 200 })
})
