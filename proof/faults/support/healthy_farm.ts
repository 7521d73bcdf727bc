/** The farm that stays healthy whatever happens beside it: what becomes of its probes is what the suite watches. */
import { total } from '../../../test/support/rules/exposition.ts'
import type { Reading } from './scraper.ts'

const intervalMs = 500
const targets = 5

/** A farm with one check, and how many slots fall due on it. */
export interface Paced {
  readonly farm: string
  readonly intervalMs: number
  readonly targets: number
}

const healthy: Paced = { farm: 'healthy', intervalMs, targets }

/** As it stands in a configuration; all its targets are servers on `port` of loopback addresses. */
export const healthyFarm = (port: number) => ({
  name: 'healthy',
  url: `http://healthy.test:${port}`,
  address: `127.1.0.1:${port}`,
  nodes: [2, 3, 4, 5].map((host) => ({ name: `web0${host}`, address: `127.1.0.${host}:${port}` })),
  checks: [{ name: 'home', path: '/', interval: `${intervalMs}ms`, timeout: '5s' }],
})

/** What became of a farm's slots between two readings. */
export interface Course {
  /** Slots that fell due, by the clock of this process. */
  readonly due: number
  readonly probed: number
  readonly missed: number
  /** Probes that were not ok, of all lanes, by reason. */
  readonly failed: Readonly<Record<string, number>>
}

export function courseBetween(before: Reading, after: Reading, paced: Paced = healthy): Course {
  const { farm, intervalMs, targets } = paced
  const grown = (name: string, labels: Record<string, string>) =>
    total(after.samples, name, labels) - total(before.samples, name, labels)
  return {
    due: ((after.atMs - before.atMs) / intervalMs) * targets,
    probed: grown('farmprobe_probes_total', { farm, lane: 'tick' }),
    missed: grown('farmprobe_missed_slots_total', { farm }),
    failed: failuresBetween(before, after, farm),
  }
}

/** Probes of a farm that were not ok, by reason. */
function failuresBetween(before: Reading, after: Reading, farm: string): Record<string, number> {
  const { ok: _, ...failed } = resultsBetween(before, after, farm)
  return failed
}

/** Probes of a farm by result; what is not there is zero. */
export function resultsBetween(before: Reading, after: Reading, farm: string): Record<string, number> {
  const results: Record<string, number> = {}
  for (const [reading, sign] of [
    [after, 1],
    [before, -1],
  ] as const)
    for (const { name, labels, value } of reading.samples)
      if (name === 'farmprobe_probes_total' && labels['farm'] === farm && value !== 0)
        results[labels['result'] ?? ''] = (results[labels['result'] ?? ''] ?? 0) + sign * value
  return Object.fromEntries(Object.entries(results).filter(([, count]) => count !== 0))
}

/** Slots may be counted a moment before or after a reading: so many more or fewer are no loss. */
export const countingSlack = 2 * targets

/** The share of probes between two readings, of all farms, that started within `seconds` of their slot; 1 of none. */
export function startedWithin(seconds: number, before: Reading, after: Reading): number {
  const grown = (name: string, labels: Record<string, string>) =>
    total(after.samples, name, labels) - total(before.samples, name, labels)
  const all = grown('farmprobe_schedule_lag_seconds_count', {})
  return all === 0 ? 1 : grown('farmprobe_schedule_lag_seconds_bucket', { le: String(seconds) }) / all
}
