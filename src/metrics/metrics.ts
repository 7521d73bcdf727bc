/** Counts what happens, and shows it to Prometheus. */
import { type FarmEvent, type Verdict, verdicts } from '../model/event.ts'
import type { Farm, Shard } from '../model/farm.ts'
import type { Outcome, Subject } from '../model/outcome.ts'
import { subjectKey, targetKey } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { add, cellOf, histogram, set } from './cells.ts'
import { recordInto, showVerdict } from './count_event.ts'
import { observeInto } from './count_outcome.ts'
import type { DiscoveryKind } from './farm_rows.ts'
import { withRole } from './keys.ts'
import type { TurnedAwayKind } from './own_rows.ts'
import { ownersOf } from './owners.ts'
import { createProcessMetrics } from './process_metrics.ts'
import { createStore } from './record_store.ts'
import { type Exposition, expose } from './write_exposition.ts'

interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface Metrics {
  /**
   * Makes the series of these farms exist, at zero where they are new, and removes all others; series of targets,
   * nodes and checks that stay keep their values.
   */
  setFarms(farms: readonly Farm[]): void
  /** Counts a probe. One of a target or check that is gone counts nowhere. */
  observe(outcome: Outcome): void
  /** Counts what a monitor concluded. */
  record(event: FarmEvent): void
  /** Slots that passed without a probe. */
  missed(subject: Subject, count: number): void
  /** How late a prober thread's event loop was, lately. */
  loopDelay(prober: number, delay: LoopDelay): void
  /** A prober thread died and was started again. */
  restarted(prober: number): void
  /** Exactly these prober threads exist from now on; the series of others leave. */
  setProbers(probers: readonly number[]): void
  /** Probes under way at present. */
  inFlight(count: number): void
  /** A request to /probe was answered. */
  onDemand(answer: 'probed' | 'refused' | 'busy' | 'broken'): void
  /** The configuration was read, at the start or later, and was good or not. */
  reloaded(ok: boolean): void
  /** The web configuration was read, at the start or because it changed. */
  webConfigRead(ok: boolean): void
  /** A client of the web interface was kept out. */
  turnedAway(why: TurnedAwayKind): void
  /** A refresh of a farm's nodes failed. */
  discoveryFailed(farm: string, kind: DiscoveryKind): void
  /** windows_exporter on a node was read just now, or could not be. */
  exporterRead(farm: string, node: string, ok: boolean): void
  /** The normal warm time to first byte of a target and check, in seconds. */
  baseline(subject: Pick<Subject, 'farm' | 'target' | 'check'>, seconds: number): void
  /** The verdict held for so many seconds more; the first one ever told also becomes the present one. */
  verdictTime(farm: string, check: string, verdict: Verdict, seconds: number): void
  /** A maintenance window began or ended; the event of the same name says so as well. */
  maintenance(farm: string, active: boolean): void
  /** The journal was written just now: the bytes it takes on disk, and the seconds that writing took. */
  journalWritten(sizeBytes: number, seconds: number): void
  /** The journal could not be written. */
  journalFailed(): void
  /** All metrics in the format that an Accept header prefers; their text comes in chunks that can be sent as they come. */
  readonly render: (accept: string | undefined) => Exposition
}

const quantiles = [
  ['0.5', 'p50Ms'],
  ['0.99', 'p99Ms'],
  ['1.0', 'maxMs'],
] as const

const cell = {
  missed: cellOf('farmprobe_missed_slots_total'),
  loopDelay: cellOf('farmprobe_prober_loop_delay_seconds'),
  restarts: cellOf('farmprobe_prober_restarts_total'),
  inFlight: cellOf('farmprobe_in_flight'),
  onDemand: cellOf('farmprobe_on_demand_requests_total'),
  reloadOk: cellOf('farmprobe_config_last_reload_successful'),
  reloadTime: cellOf('farmprobe_config_last_reload_success_timestamp_seconds'),
  turnedAway: cellOf('farmprobe_web_turned_away_total'),
  webOk: cellOf('farmprobe_web_config_last_reload_successful'),
  webTime: cellOf('farmprobe_web_config_last_reload_success_timestamp_seconds'),
  discovery: cellOf('farmprobe_discovery_failures_total'),
  crosscheckUp: cellOf('farmprobe_crosscheck_up'),
  baseline: cellOf('farmprobe_baseline_first_byte_seconds'),
  verdict: cellOf('farmprobe_verdict'),
  verdictTime: cellOf('farmprobe_verdict_seconds_total'),
  maintenance: cellOf('farmprobe_in_maintenance'),
  journalTime: cellOf('farmprobe_journal_last_write_timestamp_seconds'),
  journalSize: cellOf('farmprobe_journal_size_bytes'),
  journalErrors: cellOf('farmprobe_journal_write_errors_total'),
  build: cellOf('farmprobe_build_info'),
  shards: cellOf('farmprobe_shards'),
  shard: cellOf('farmprobe_shard_info'),
}

const journalSeconds = histogram('farmprobe_journal_write_seconds')

/** What the configuration decides about. */
const farmScopes = ['farm', 'check', 'served', 'blamed', 'target', 'subject'] as const

const ownerOf = (scope: 'process' | 'build' | 'shard' | 'prober', ...names: string[]) => ({
  scope,
  names,
  traits: {},
})

export interface MetricsOptions {
  readonly clock: Clock
  readonly version: string
  /** Absent: the farms are not split. */
  readonly shard?: Shard
}

export function createMetrics({ clock, version, shard }: MetricsOptions): Metrics {
  const store = createStore()
  const processMetrics = createProcessMetrics()
  const own = store.ensure(ownerOf('process'))
  set(store.ensure(ownerOf('build', version, process.version)), cell.build(), 1)

  set(own, cell.shards(), shard?.count ?? 1)
  if (shard !== undefined)
    set(store.ensure(ownerOf('shard', `${shard.index}`, `${shard.count}`)), cell.shard(), 1)

  const observe = observeInto(store, own)
  const proberCells = (prober: number) => store.ensure(ownerOf('prober', `${prober}`))

  return {
    setFarms(farms) {
      store.replace(farmScopes, farms.flatMap(ownersOf))
      observe.setFarms(farms)
    },
    observe: (outcome) => observe.outcome(outcome),
    record: recordInto(store),
    missed: (subject, count) => add(store.find('subject', subjectKey(subject)), cell.missed(), count),
    loopDelay(prober, delay) {
      for (const [quantile, key] of quantiles)
        set(proberCells(prober), cell.loopDelay(quantile), delay[key] / 1000)
    },
    restarted: (prober) => add(proberCells(prober), cell.restarts(), 1),
    setProbers: (probers) =>
      store.replace(
        ['prober'],
        probers.map((prober) => ownerOf('prober', `${prober}`)),
      ),
    inFlight: (count) => set(own, cell.inFlight(), count),
    onDemand: (answer) => add(own, cell.onDemand(answer), 1),
    reloaded(ok) {
      set(own, cell.reloadOk(), ok ? 1 : 0)
      if (ok) set(own, cell.reloadTime(), clock.wallMs() / 1000)
    },
    webConfigRead(ok) {
      set(own, cell.webOk(), ok ? 1 : 0)
      if (ok) set(own, cell.webTime(), clock.wallMs() / 1000)
    },
    turnedAway: (why) => add(own, cell.turnedAway(why), 1),
    discoveryFailed: (farm, kind) => add(store.find('farm', farm), cell.discovery(kind), 1),
    exporterRead: (farm, target, ok) =>
      set(store.find('target', targetKey({ farm, role: 'node', target })), cell.crosscheckUp(), ok ? 1 : 0),
    baseline: (subject, seconds) =>
      set(store.find('subject', subjectKey(withRole(subject))), cell.baseline(), seconds),
    verdictTime(farm, check, verdict, seconds) {
      const cells = store.find('check', `${farm}\n${check}`)
      add(cells, cell.verdictTime(verdict), seconds)
      const noneYet = verdicts.every((each) => cells?.[cell.verdict(each) ?? -1] === 0)
      if (noneYet) showVerdict(cells, verdict)
    },
    maintenance: (farm, active) => set(store.find('farm', farm), cell.maintenance(), active ? 1 : 0),
    journalWritten(sizeBytes, seconds) {
      set(own, cell.journalTime(), clock.wallMs() / 1000)
      set(own, cell.journalSize(), sizeBytes)
      journalSeconds(own, seconds)
    },
    journalFailed: () => add(own, cell.journalErrors(), 1),
    render: (accept) => expose(store, processMetrics, accept),
  }
}
