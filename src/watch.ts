/** Shows outcomes to the monitor of their farm, and counts, tells and remembers what the monitors conclude. */
import type { Metrics } from './metrics/metrics.ts'
import { verdicts as allVerdicts, type FarmEvent, type Verdict } from './model/event.ts'
import type { Farm } from './model/farm.ts'
import { createMonitor, type Monitor } from './model/monitor.ts'
import type { Outcome } from './model/outcome.ts'
import type { Clock } from './runtime/clock.ts'
import { type InMaintenance, maintenanceOf } from './schedule/maintenance.ts'

/** Events kept in memory for the API; the oldest go first. */
const keptEvents = 10_000

/** How often conclusions that need only time are drawn, and readings are exported. */
const advanceEveryMs = 1000

interface Watched {
  farm: Farm
  monitor: Monitor
  planned: InMaintenance
  /** Maintenance declared at run time lasts until here, in wall milliseconds. */
  declaredUntilMs: number
  inMaintenance: boolean
  /** Time per verdict that the metrics have been told of, by check. */
  readonly toldMs: Map<string, Partial<Record<Verdict, number>>>
}

export interface Watch {
  setFarms(farms: readonly Farm[]): void
  observe(outcome: Outcome): void
  /** Events that ended at `sinceMs` or later, the oldest first; of one farm when named. */
  events(sinceMs: number, farm?: string): FarmEvent[]
  /** Declares maintenance of a farm from now on; false when there is no such farm. */
  declareMaintenance(farm: string, durationMs: number): boolean
  stop(): void
}

export function startWatch(options: {
  readonly metrics: Metrics
  readonly clock: Clock
  readonly onEvent?: (event: FarmEvent) => void
}): Watch {
  const { metrics, clock } = options
  const watched = new Map<string, Watched>()
  let kept: FarmEvent[] = []

  const report = (event: FarmEvent) => {
    metrics.record(event)
    kept.push(event)
    if (kept.length > keptEvents * 1.1) kept = kept.slice(-keptEvents)
    options.onEvent?.(event)
  }

  const advance = () => {
    const nowMs = clock.wallMs()
    for (const each of watched.values()) {
      changeMaintenance(each, nowMs, report)
      for (const event of each.monitor.advance(nowMs)) report(event)
      exportReadings(each, metrics, nowMs)
    }
    cancel = clock.after(advanceEveryMs, advance)
  }
  let cancel = clock.after(advanceEveryMs, advance)

  return {
    setFarms(farms) {
      const names = new Set(farms.map((farm) => farm.name))
      for (const name of watched.keys()) if (!names.has(name)) watched.delete(name)
      for (const farm of farms) {
        const known = watched.get(farm.name)
        if (known === undefined) watched.set(farm.name, watchFarm(farm, watched))
        else if (known.farm !== farm) replaceFarm(known, farm)
      }
    },
    observe(outcome) {
      const monitor = watched.get(outcome.farm)?.monitor
      if (monitor !== undefined) for (const event of monitor.observe(outcome)) report(event)
    },
    events: (sinceMs, farm) =>
      kept.filter((event) => event.atMs >= sinceMs && (farm === undefined || event.farm === farm)),
    declareMaintenance(farm, durationMs) {
      const known = watched.get(farm)
      if (known === undefined) return false
      known.declaredUntilMs = clock.wallMs() + durationMs
      changeMaintenance(known, clock.wallMs(), report)
      return true
    },
    stop: () => cancel(),
  }
}

function watchFarm(farm: Farm, watched: ReadonlyMap<string, Watched>): Watched {
  const inMaintenance = (atMs: number) => {
    const self = watched.get(farm.name)
    return self !== undefined && isMaintained(self, atMs)
  }
  return {
    farm,
    monitor: createMonitor(farm, { inMaintenance }),
    planned: maintenanceOf(farm.maintenance),
    declaredUntilMs: 0,
    inMaintenance: false,
    toldMs: new Map(),
  }
}

function replaceFarm(known: Watched, farm: Farm): void {
  known.farm = farm
  known.planned = maintenanceOf(farm.maintenance)
  known.monitor.setFarm(farm)
}

const isMaintained = (each: Watched, atMs: number) => atMs < each.declaredUntilMs || each.planned(atMs)

function changeMaintenance(each: Watched, nowMs: number, report: (event: FarmEvent) => void): void {
  const active = isMaintained(each, nowMs)
  if (active === each.inMaintenance) return
  each.inMaintenance = active
  report({ kind: 'maintenance', atMs: nowMs, farm: each.farm.name, maintenance: active, active })
}

/** Gauges follow the readings; verdict time is told as what was added since the last telling. */
function exportReadings(each: Watched, metrics: Metrics, nowMs: number): void {
  const { baselines, verdicts } = each.monitor.readings(nowMs)
  const farm = each.farm.name
  for (const { target, check, baselineMs } of baselines)
    metrics.baseline({ farm, target, check }, baselineMs / 1000)
  for (const { check, spentMs } of verdicts) {
    const told = each.toldMs.get(check) ?? {}
    for (const verdict of allVerdicts) {
      const moreMs = spentMs[verdict] - (told[verdict] ?? 0)
      if (moreMs > 0) metrics.verdictTime(farm, check, verdict, moreMs / 1000)
    }
    each.toldMs.set(check, { ...spentMs })
  }
}
