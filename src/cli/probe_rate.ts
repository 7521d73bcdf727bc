/** What farms amount to, for whoever probes and scrapes them. */
import { seriesCost } from '../metrics/owners.ts'
import { type Farm, targetsOf } from '../model/farm.ts'

/** Of the checks on an interval; those on a cron schedule are too rare to count. */
export const probesPerSecond = (farms: readonly Farm[]): number =>
  farms.reduce((sum, farm) => sum + ofFarm(farm), 0)

function ofFarm(farm: Farm): number {
  return farm.checks.reduce(
    (sum, { schedule, ...check }) =>
      schedule.kind === 'cron'
        ? sum
        : sum + targetsOf(farm, { schedule, ...check }).length / (schedule.intervalMs / 1000),
    0,
  )
}

/** Series that /metrics shows of them before the first probe. */
export const totalSeries = (farms: readonly Farm[]): number =>
  farms.reduce((sum, farm) => sum + seriesCost(farm), 0)
