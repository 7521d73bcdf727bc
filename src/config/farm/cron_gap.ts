import { parse } from 'node-cron'

const daySeconds = 86_400

/**
 * The shortest time between two runs of a cron expression, in milliseconds; of one that runs once a day or less
 * often, a day.
 */
export function smallestGapMs(cron: string): number {
  const { hour, minute, second } = parse(cron)
  const times = hour
    .flatMap((h) => minute.flatMap((m) => second.map((s) => h * 3600 + m * 60 + s)))
    .toSorted((a, b) => a - b)
  const gaps = times.map((time, index) => (times[index + 1] ?? (times[0] ?? 0) + daySeconds) - time)
  return gaps.reduce((least, gap) => Math.min(least, gap), daySeconds) * 1000
}
