/** Shows outcomes to the monitor of their farm, and counts and tells what the monitors conclude. */

import type { MonitorSnapshot, Readings } from '../detect/monitor.ts'
import { createMonitor, type Monitor } from '../detect/monitor.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { verdicts as allVerdicts, type FarmEvent, type Verdict } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { type InMaintenance, maintenanceOf } from '../schedule/maintenance_windows.ts'

/** How often conclusions that need only time are drawn, and readings are exported. */
const advanceEveryMs = 1000

/** How often all that the monitors know is kept; what is going on is kept with every event. */
const keepEveryMs = 60_000

interface Watched {
  farm: Farm
  monitor: Monitor
  planned: InMaintenance
  maintenance: Maintenance
  /** Time per verdict that the metrics have been told of, by check. */
  readonly toldMs: Map<string, Partial<Record<Verdict, number>>>
}

/** Maintenance as it was last told of, and as it was declared at run time, in wall milliseconds; plain JSON. */
interface Maintenance {
  readonly active: boolean
  readonly fromMs: number
  readonly untilMs: number
}

const noMaintenance: Maintenance = { active: false, fromMs: 0, untilMs: 0 }

/** Where what the monitors know outlives the process. */
export interface Memory {
  /** What is known of a farm from before; undefined when nothing is. */
  recall(
    farm: string,
  ): (Pick<MonitorSnapshot, 'state' | 'baselines'> & { readonly maintenance?: unknown }) | undefined
  /** `take` is called when it is written, which is when the events told so far are. */
  keep(farm: string, part: 'state' | 'baselines' | 'maintenance', take: () => unknown): void
}

export interface Watch {
  setFarms(farms: readonly Farm[]): void
  observe(outcome: Outcome): void
  /** How things stand on a farm now; undefined when there is no such farm. */
  readings(farm: string): Readings | undefined
  /** Whether a farm is in maintenance; `atMs`, in wall milliseconds, asks about another moment than now. */
  inMaintenance(farm: string, atMs?: number): boolean
  /** Declares maintenance of a farm from now on; false when there is no such farm. */
  declareMaintenance(farm: string, durationMs: number): boolean
  stop(): void
}

export function startWatch(options: {
  readonly metrics: Metrics
  readonly clock: Clock
  readonly onEvent?: (event: FarmEvent) => void
  readonly memory?: Memory
}): Watch {
  const { metrics, clock, memory } = options
  const watched = new Map<string, Watched>()

  const report = (event: FarmEvent) => {
    metrics.record(event)
    options.onEvent?.(event)
    const monitor = watched.get(event.farm)?.monitor
    if (monitor !== undefined) memory?.keep(event.farm, 'state', monitor.state)
  }
  const keepAll = () => {
    keptMs = clock.wallMs()
    for (const { farm, monitor } of watched.values()) {
      memory?.keep(farm.name, 'state', monitor.state)
      memory?.keep(farm.name, 'baselines', monitor.baselines)
    }
  }
  let keptMs = clock.wallMs()

  const advance = () => {
    const nowMs = clock.wallMs()
    for (const each of watched.values()) {
      changeMaintenance(each, nowMs, report, memory)
      for (const event of each.monitor.advance(nowMs)) report(event)
      exportReadings(each, metrics, nowMs)
    }
    if (Math.abs(nowMs - keptMs) >= keepEveryMs) keepAll()
    cancel = clock.after(advanceEveryMs, advance)
  }
  let cancel = clock.after(advanceEveryMs, advance)

  return {
    setFarms(farms) {
      const names = new Set(farms.map((farm) => farm.name))
      for (const name of watched.keys()) if (!names.has(name)) watched.delete(name)
      for (const farm of farms) {
        const known = watched.get(farm.name)
        if (known === undefined) {
          const each = watchFarm(farm, watched, clock, memory)
          watched.set(farm.name, each)
          // That it began was told before the restart; the gauge begins at zero again.
          if (each.maintenance.active) metrics.set('farmprobe_in_maintenance', { farm: farm.name }, 1)
        } else if (known.farm !== farm) replaceFarm(known, farm)
      }
    },
    observe(outcome) {
      const monitor = watched.get(outcome.farm)?.monitor
      if (monitor !== undefined) for (const event of monitor.observe(outcome)) report(event)
    },
    readings: (farm) => watched.get(farm)?.monitor.readings(clock.wallMs()),
    inMaintenance(farm, atMs) {
      const known = watched.get(farm)
      if (known === undefined) return false
      return atMs === undefined ? known.maintenance.active : isMaintained(known, atMs)
    },
    declareMaintenance(farm, durationMs) {
      const known = watched.get(farm)
      if (known === undefined) return false
      const nowMs = clock.wallMs()
      const { fromMs, untilMs } = known.maintenance
      const declared = { fromMs: nowMs < untilMs ? fromMs : nowMs, untilMs: nowMs + durationMs }
      known.maintenance = { ...known.maintenance, ...declared }
      memory?.keep(farm, 'maintenance', () => known.maintenance)
      changeMaintenance(known, nowMs, report, memory)
      return true
    },
    stop() {
      cancel()
      keepAll()
    },
  }
}

function watchFarm(
  farm: Farm,
  watched: ReadonlyMap<string, Watched>,
  clock: Clock,
  memory: Memory | undefined,
): Watched {
  const inMaintenance = (atMs: number) => {
    const self = watched.get(farm.name)
    return self !== undefined && isMaintained(self, atMs)
  }
  const recalled = memory?.recall(farm.name)
  const snapshot = recalled && { ...recalled, restoredMs: clock.wallMs() }
  return {
    farm,
    monitor: createMonitor(farm, { inMaintenance, ...(snapshot && { snapshot }) }),
    planned: maintenanceOf(farm.maintenance),
    maintenance: isMaintenance(recalled?.maintenance) ? recalled.maintenance : noMaintenance,
    toldMs: new Map(),
  }
}

function replaceFarm(known: Watched, farm: Farm): void {
  known.farm = farm
  known.planned = maintenanceOf(farm.maintenance)
  known.monitor.setFarm(farm)
}

/** Whether what was kept is what is kept now: a file may be older, or damaged. */
const isMaintenance = (kept: unknown): kept is Maintenance => {
  const { active, fromMs, untilMs } = (kept ?? {}) as Partial<Maintenance>
  return typeof active === 'boolean' && Number.isFinite(fromMs) && Number.isFinite(untilMs)
}

const isDeclared = ({ fromMs, untilMs }: Maintenance, atMs: number) => atMs >= fromMs && atMs < untilMs

const isMaintained = ({ maintenance, planned }: Watched, atMs: number) =>
  isDeclared(maintenance, atMs) || planned(atMs)

function changeMaintenance(
  each: Watched,
  nowMs: number,
  report: (event: FarmEvent) => void,
  memory: Memory | undefined,
): void {
  // Whenever it was declared: the wall clock may have been set back since.
  const active = nowMs < each.maintenance.untilMs || each.planned(nowMs)
  if (active === each.maintenance.active) return
  each.maintenance = { ...each.maintenance, active }
  const farm = each.farm.name
  memory?.keep(farm, 'maintenance', () => each.maintenance)
  report({ kind: 'maintenance', atMs: nowMs, farm, maintenance: active, active })
}

/** Gauges follow the readings; verdict time is told as what was added since the last telling. */
function exportReadings(each: Watched, metrics: Metrics, nowMs: number): void {
  const { baselines, verdicts } = each.monitor.readings(nowMs)
  const farm = each.farm.name
  for (const { target, check, baselineMs } of baselines)
    metrics.set('farmprobe_baseline_first_byte_seconds', { farm, target, check }, baselineMs / 1000)
  for (const { check, spentMs } of verdicts) {
    const told = each.toldMs.get(check) ?? {}
    for (const verdict of allVerdicts) {
      const moreMs = spentMs[verdict] - (told[verdict] ?? 0)
      if (moreMs > 0) metrics.verdictTime(farm, check, verdict, moreMs / 1000)
    }
    each.toldMs.set(check, { ...spentMs })
  }
}
