/**
 * Watches one farm: shows the outcomes of its probes to every detector and says what they conclude. It reads no clock:
 * time is what the outcomes say and what `advance` is given, so that a year of a farm can be watched in a second, twice
 * alike.
 */
import type { FarmEvent } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'
import type { Incident } from '../model/incident.ts'
import { type Outcome, seriesKey } from '../model/outcome.ts'
import type { BaselineReading } from './baselines.ts'
import type { Conclusion, Detector } from './detector.ts'
import { createDetectors, type DetectorOptions } from './detectors.ts'
import { joined } from './memories.ts'
import { createNewestTime } from './newest_time.ts'
import type { LinkReading } from './node_links.ts'
import type { OutageReading } from './outages.ts'
import { sampleOf, scopeOf } from './sample.ts'
import { restoreTo, type SavedState, savedBy } from './saved_state.ts'
import type { VerdictReading } from './verdicts.ts'

/** What an earlier monitor of a farm knew. Either part may be missing, old or damaged: it is then done without. */
export interface MonitorSnapshot {
  /** When it is restored, wall milliseconds. */
  readonly restoredMs: number
  readonly state?: unknown
  readonly baselines?: unknown
}

export interface MonitorOptions extends DetectorOptions {
  readonly snapshot?: MonitorSnapshot
}

/** How things stand on one farm: levels, for gauges and pages; events say what changed. */
export interface Readings {
  readonly baselines: readonly BaselineReading[]
  readonly verdicts: readonly VerdictReading[]
  readonly openOutages: readonly OutageReading[]
  readonly lastRecycles: readonly { readonly target: string; readonly atMs: number }[]
  /** Nodes through the balancer. */
  readonly links: readonly LinkReading[]
  /** Those that go on. */
  readonly incidents: readonly Incident[]
}

export interface Monitor {
  /** Takes in an outcome; outcomes come roughly in the order in which the probes ended. */
  observe(outcome: Outcome): FarmEvent[]
  /** Draws the conclusions that only needed time; to be called about once a second with wall milliseconds. */
  advance(nowMs: number): FarmEvent[]
  /** The farm is not probed any more, from `nowMs` on, wall milliseconds: ends what goes on. */
  leave(nowMs: number): FarmEvent[]
  /** Goes on with a changed farm; what is unchanged keeps its state. */
  setFarm(farm: Farm): void
  /** `nowMs` is wall milliseconds. */
  readings(nowMs: number): Readings
  /** Takes in what was concluded elsewhere. */
  learn(event: FarmEvent): void
  /** The id of the incident that something which was concluded elsewhere is a part of. */
  incidentOf(event: Pick<FarmEvent, 'kind' | 'atMs'>): string | undefined
  /** What is going on, worth keeping across a restart with every event; plain JSON. */
  state(): SavedState
  /** What is normal, worth keeping about once a minute; plain JSON. */
  baselines(): SavedState
}

/** Conclusions that need time are drawn this often while outcomes come, in milliseconds. */
const advanceEveryMs = 250

/** A monitor of a farm that has not been probed yet. */
export function createMonitor(farm: Farm, options: MonitorOptions = {}): Monitor {
  const { snapshot, inMaintenance = () => false } = options
  let scope = scopeOf(farm)
  let events: FarmEvent[] = []
  const report = (event: Conclusion) => {
    const told = { ...event, farm: scope.farm.name, maintenance: inMaintenance(event.atMs) }
    const place = events.push(told) - 1
    for (const detector of list) detector.onEvent?.(event, time.nowMs())
    // Only now: it may have opened the incident that it belongs to.
    const incident = detectors.incidents.of(event)
    if (incident !== undefined) events[place] = { ...told, incident }
  }
  const detectors = createDetectors(report, options)
  const list: readonly Detector[] = Object.values(detectors)
  const { baselines, ...others } = detectors
  const normal = joined({ baselines })
  const goingOn = joined(others)
  let advanceAtMs = Number.NEGATIVE_INFINITY
  const time = createNewestTime((byMs) => {
    for (const detector of list) detector.shift(byMs)
    advanceAtMs = Number.NEGATIVE_INFINITY
  })
  const setFarm = (next: Farm) => {
    scope = scopeOf(next)
    for (const detector of list) detector.setFarm(scope)
  }
  setFarm(farm)
  if (snapshot !== undefined) {
    restoreTo(normal, snapshot.baselines, snapshot.restoredMs)
    restoreTo(goingOn, snapshot.state, snapshot.restoredMs)
  }
  const conclude = () => {
    const nowMs = time.nowMs()
    advanceAtMs = nowMs + advanceEveryMs
    for (const detector of list) detector.advance?.(nowMs)
  }
  /** A node through the balancer is neither the balancer nor the node: what asks those must not count it. */
  const through = (outcome: Outcome) => {
    detectors.links.through(outcome)
    detectors.incidents.through(outcome, time.nowMs())
    if (time.nowMs() >= advanceAtMs) conclude()
    return takeEvents()
  }
  const takeEvents = () => {
    const taken = events
    if (taken.length > 0) events = []
    return taken
  }
  return {
    observe(outcome) {
      if (outcome.role === 'through') return through(time.see(outcome))
      const series = scope.series.get(seriesKey(outcome.target, outcome.check))
      if (series === undefined) return []
      const sample = sampleOf(
        detectors.identityFinder.identified(time.see(outcome)),
        series,
        scope,
        baselines.isSlow,
      )
      const nowMs = time.nowMs()
      for (const detector of list) detector.observe?.(sample, nowMs)
      if (nowMs >= advanceAtMs) conclude()
      return takeEvents()
    },
    advance(wallMs) {
      time.read(wallMs)
      conclude()
      return takeEvents()
    },
    leave(nowMs) {
      detectors.incidents.leave(nowMs)
      return takeEvents()
    },
    setFarm,
    readings: (nowMs) => ({
      baselines: baselines.readings(),
      verdicts: detectors.verdicts.readings(nowMs),
      openOutages: detectors.outages.open(),
      lastRecycles: detectors.recycles.readings(),
      links: detectors.links.readings(),
      incidents: detectors.incidents.open(nowMs),
    }),
    learn(event) {
      for (const detector of list) detector.onEvent?.(event, time.nowMs())
    },
    incidentOf: detectors.incidents.of,
    state: () => savedBy(goingOn),
    baselines: () => savedBy(normal),
  }
}
