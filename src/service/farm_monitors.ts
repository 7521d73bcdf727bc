/** Shows outcomes to the monitor of their farm, and counts and reports what the monitors conclude. */
import { createMonitor, type MonitorSnapshot, type Readings } from '../detect/monitor.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { verdicts as allVerdicts, type FarmEvent, type Verdict } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'
import { type Incident, impacts } from '../model/incident.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { minuteMs, secondMs } from '../runtime/duration.ts'
import { maintenanceOf } from '../schedule/maintenance_windows.ts'

/** How often conclusions that need only time are drawn, and readings are exported. */
const advanceEveryMs = secondMs
/** How often all that the monitors know is kept; what is going on is kept with every event. */
const keepEveryMs = minuteMs
/** A wall clock that goes back by more than this was set. */
const setBackMs = minuteMs

/** Whether maintenance was on when last reported, and as it was declared at run time, in wall milliseconds; plain JSON. */
interface Maintenance {
  readonly active: boolean
  readonly fromMs: number
  readonly untilMs: number
}

const noMaintenance: Maintenance = { active: false, fromMs: 0, untilMs: 0 }

type Remembered = Pick<MonitorSnapshot, 'state' | 'baselines'> & { readonly maintenance?: unknown }

/** Where what the monitors know outlives the process. */
interface Memory {
  /** What is known from before of each farm. */
  known(): ReadonlyMap<string, Remembered>
  /** `take` is called when it is written, which is when the events reported so far are. */
  keep(farm: string, part: 'state' | 'baselines' | 'maintenance', take: () => unknown): void
}

interface Options {
  readonly metrics: Metrics
  readonly clock: Clock
  /** After so long without a failure an incident is over, in milliseconds; it may change. */
  readonly quietMs?: () => number
  readonly onEvent?: (event: FarmEvent) => void
  /** The incidents of a farm that go on, each second. */
  readonly onIncidents?: (farm: string, open: readonly Incident[]) => void
  readonly memory?: Memory
}

export type FarmMonitors = ReturnType<typeof startFarmMonitors>

export function startFarmMonitors(options: Options) {
  const { clock } = options
  const monitored = new Map<string, MonitoredFarm>()
  /** Used once: a farm that is removed and added again begins anew. */
  let known: Map<string, Remembered> | undefined
  let advancedMs = clock.wallMs()
  let keptMs = clock.wallMs()

  const keepAll = () => {
    keptMs = clock.wallMs()
    for (const farm of monitored.values()) farm.keep()
  }
  const advance = () => {
    const nowMs = clock.wallMs()
    for (const farm of monitored.values()) {
      if (advancedMs - nowMs > setBackMs) farm.shiftMaintenance(advancedMs - nowMs)
      farm.advance(nowMs)
    }
    advancedMs = nowMs
    if (Math.abs(nowMs - keptMs) >= keepEveryMs) keepAll()
    cancel = clock.after(advanceEveryMs, advance)
  }
  let cancel = clock.after(advanceEveryMs, advance)
  const take = (from: Map<string, Remembered>, name: string) => {
    const remembered = from.get(name)
    from.delete(name)
    return remembered
  }
  return {
    setFarms(farms: readonly Farm[]): void {
      known ??= new Map(options.memory?.known())
      const names = new Set(farms.map((farm) => farm.name))
      for (const [name, farm] of monitored) {
        if (names.has(name)) continue
        farm.leave()
        monitored.delete(name)
      }
      for (const farm of farms) {
        const present = monitored.get(farm.name)
        if (present === undefined)
          monitored.set(farm.name, monitorFarm(farm, options, take(known, farm.name)))
        else present.setFarm(farm)
      }
      // Watched before this start, and not any more.
      for (const name of known.keys())
        monitorFarm({ ...unknownFarm, name }, options, take(known, name)).leave()
    },
    observe: (outcome: Outcome) => monitored.get(outcome.farm)?.observe(outcome),
    /** How things stand on a farm now; undefined when there is no such farm. */
    readings: (farm: string): Readings | undefined => monitored.get(farm)?.readings(clock.wallMs()),
    /** Takes in what was concluded elsewhere; returns it with the id of the incident that it is a part of. */
    learn(event: FarmEvent): FarmEvent {
      monitored.get(event.farm)?.learn(event)
      const incident = monitored.get(event.farm)?.incidentOf(event)
      return incident === undefined ? event : { ...event, incident }
    },
    /** Whether a farm is in maintenance; `atMs`, in wall milliseconds, asks about another moment than now. */
    inMaintenance: (farm: string, atMs?: number) => monitored.get(farm)?.inMaintenance(atMs) ?? false,
    /** Declares maintenance of a farm from now on; false when there is no such farm. */
    declareMaintenance(farm: string, durationMs: number): boolean {
      monitored.get(farm)?.declareMaintenance(durationMs)
      return monitored.has(farm)
    },
    stop(): void {
      cancel()
      keepAll()
    },
  }
}

/** What is left of a farm that is not configured any more: its name. */
const unknownSite = { scheme: 'http', hostname: '', port: 80 } as const
const unknownFarm = {
  site: unknownSite,
  balancer: { role: 'balancer', name: 'balancer', scheme: 'http', host: '', port: 80 },
  nodes: [],
  checks: [],
  maintenance: [],
} as const

type MonitoredFarm = ReturnType<typeof monitorFarm>

function monitorFarm(
  initial: Farm,
  { metrics, clock, memory, quietMs, onEvent, onIncidents }: Options,
  recalled: Remembered | undefined,
) {
  const { name } = initial
  const snapshot = recalled && { ...recalled, restoredMs: clock.wallMs() }
  let farm = initial
  let planned = maintenanceOf(farm.maintenance)
  let maintenance = isMaintenance(recalled?.maintenance) ? recalled.maintenance : noMaintenance
  /** Time per verdict that the metrics have been given, by check. */
  const countedMs = new Map<string, Record<Verdict, number>>()
  // That it began was reported before the restart; the gauge begins at zero again.
  if (maintenance.active) metrics.set('farmprobe_in_maintenance', { farm: name }, 1)

  const inMaintenance = (atMs: number) =>
    (atMs >= maintenance.fromMs && atMs < maintenance.untilMs) || planned(atMs)
  const monitor = createMonitor(farm, {
    inMaintenance,
    ...(snapshot && { snapshot }),
    ...(quietMs && { quietMs }),
  })
  const report = (event: FarmEvent) => {
    metrics.record(event)
    onEvent?.(event)
    memory?.keep(name, 'state', monitor.state)
  }
  const setMaintenance = (changes: Partial<Maintenance>) => {
    maintenance = { ...maintenance, ...changes }
    memory?.keep(name, 'maintenance', () => maintenance)
  }
  const reportMaintenance = (nowMs: number) => {
    // Whenever it was declared: the wall clock may have been set back a little since.
    const active = nowMs < maintenance.untilMs || planned(nowMs)
    if (active === maintenance.active) return
    setMaintenance({ active })
    const incident = monitor.incidentOf({ kind: 'maintenance', atMs: nowMs })
    const changed = { kind: 'maintenance', atMs: nowMs, farm: name, maintenance: active, active } as const
    report(incident === undefined ? changed : { ...changed, incident })
  }
  return {
    setFarm(next: Farm) {
      if (next === farm) return
      farm = next
      planned = maintenanceOf(farm.maintenance)
      monitor.setFarm(farm)
    },
    observe(outcome: Outcome) {
      for (const event of monitor.observe(outcome)) report(event)
    },
    advance(nowMs: number) {
      reportMaintenance(nowMs)
      for (const event of monitor.advance(nowMs)) report(event)
      const readings = monitor.readings(nowMs)
      exportReadings(name, readings, metrics, countedMs)
      onIncidents?.(name, readings.incidents)
    },
    leave() {
      for (const event of monitor.leave(clock.wallMs())) report(event)
    },
    readings: monitor.readings,
    learn: monitor.learn,
    incidentOf: monitor.incidentOf,
    inMaintenance: (atMs?: number) => (atMs === undefined ? maintenance.active : inMaintenance(atMs)),
    declareMaintenance(durationMs: number) {
      const nowMs = clock.wallMs()
      const { fromMs, untilMs } = maintenance
      setMaintenance({ fromMs: nowMs < untilMs ? fromMs : nowMs, untilMs: nowMs + durationMs })
      reportMaintenance(nowMs)
    },
    /** The wall clock was set back by so much: what was declared goes on for as long as was meant. */
    shiftMaintenance(byMs: number) {
      setMaintenance({ fromMs: maintenance.fromMs - byMs, untilMs: maintenance.untilMs - byMs })
    },
    keep() {
      memory?.keep(name, 'state', monitor.state)
      memory?.keep(name, 'baselines', monitor.baselines)
    },
  }
}

/** Whether what was kept is what is kept now: a file may be older, or damaged. */
const isMaintenance = (kept: unknown): kept is Maintenance => {
  const { active, fromMs, untilMs } = (kept ?? {}) as Partial<Maintenance>
  return typeof active === 'boolean' && Number.isFinite(fromMs) && Number.isFinite(untilMs)
}

const noTimes = Object.fromEntries(allVerdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>

/** Gauges follow the readings; of the time spent in verdicts, what was added since the last time is counted. */
function exportReadings(
  farm: string,
  { baselines, verdicts, incidents }: Readings,
  metrics: Metrics,
  countedMs: Map<string, Record<Verdict, number>>,
): void {
  for (const { target, check, baselineMs } of baselines)
    metrics.set('farmprobe_baseline_first_byte_seconds', { farm, target, check }, baselineMs / 1000)
  // After a restart those that go on were told before.
  for (const impact of impacts) {
    const isOpen = incidents.some((each) => each.impact === impact)
    metrics.set('farmprobe_incident_open', { farm, impact }, isOpen ? 1 : 0)
  }
  for (const { check, spentMs } of verdicts) {
    const counted = countedMs.get(check) ?? { ...noTimes }
    countedMs.set(check, counted)
    for (const verdict of allVerdicts) {
      const moreMs = spentMs[verdict] - counted[verdict]
      if (moreMs > 0) metrics.verdictTime(farm, check, verdict, moreMs / 1000)
      counted[verdict] = spentMs[verdict]
    }
  }
}
