/** Counts what happens, and shows it to Prometheus. */
import { type FarmEvent, type Verdict, verdicts } from '../model/event.ts'
import type { Farm, Shard } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import { cellOf, createSeriesWriter } from './cells.ts'
import { countEvent, showVerdict } from './count_event.ts'
import { createOutcomeCounter } from './count_outcome.ts'
import { configuredScopes } from './metric_row.ts'
import { ownersOf } from './owners.ts'
import { createProcessMetrics } from './process_metrics.ts'
import { createStore } from './record_store.ts'
import { expose } from './write_exposition.ts'

interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface MetricsOptions {
  readonly clock: Clock
  readonly version: string
  /** Which part of the configuration's farms these are; absent: all of them. */
  readonly shard?: Shard
  /** Histograms are Prometheus's native ones, too, for scrapers that ask for protobuf. */
  readonly nativeHistograms?: boolean
}

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics({ clock, version, shard, nativeHistograms = false }: MetricsOptions) {
  const store = createStore(nativeHistograms)
  const processMetrics = createProcessMetrics()
  const series = createSeriesWriter(store)
  const { set } = series
  const outcomes = createOutcomeCounter(store, store.ensure({ scope: 'process', names: [], traits: {} }))
  const verdictCell = cellOf('farmprobe_verdict')

  set('farmprobe_build_info', { version, node_version: process.version }, 1)
  set('farmprobe_shards', {}, shard?.count ?? 1)
  if (shard) set('farmprobe_shard_info', { shard: `${shard.index}`, shards: `${shard.count}` }, 1)

  return {
    ...series,
    /**
     * Makes the series of these farms exist, at zero where they are new, and removes all others; series of targets,
     * nodes and checks that stay keep their values.
     */
    setFarms(farms: readonly Farm[]): void {
      store.replace([...configuredScopes], farms.flatMap(ownersOf))
      outcomes.setFarms(farms)
    },
    /** Exactly these prober threads exist from now on; the series of others are removed. */
    setProbers: (probers: readonly number[]) =>
      store.replace(
        ['prober'],
        probers.map((prober) => ({ scope: 'prober', names: [`${prober}`], traits: {} })),
      ),
    /** Exactly these receivers are told of incidents from now on. */
    setReceivers: (receivers: readonly string[]) =>
      store.replace(
        ['receiver'],
        receivers.map((receiver) => ({ scope: 'receiver', names: [receiver], traits: {} })),
      ),
    /** Counts a probe. One of a target or check that is gone counts nowhere. */
    observe: outcomes.observe,
    /** Counts what a monitor concluded. */
    record: (event: FarmEvent) => countEvent(store, series, event),
    /** How late a prober thread's event loop was, lately. */
    loopDelay(number: number, { p50Ms, p99Ms, maxMs }: LoopDelay): void {
      const prober = `${number}`
      set('farmprobe_prober_loop_delay_seconds', { prober, quantile: '0.5' }, p50Ms / 1000)
      set('farmprobe_prober_loop_delay_seconds', { prober, quantile: '0.99' }, p99Ms / 1000)
      set('farmprobe_prober_loop_delay_seconds', { prober, quantile: '1.0' }, maxMs / 1000)
    },
    /** A configuration file was read, at the start or later, and was good or not. */
    reloaded(file: 'config' | 'web_config', ok: boolean): void {
      set(`farmprobe_${file}_last_reload_successful`, {}, ok ? 1 : 0)
      if (ok) set(`farmprobe_${file}_last_reload_success_timestamp_seconds`, {}, clock.wallMs() / 1000)
    },
    /** The verdict held for so many seconds more; the first one ever reported also becomes the present one. */
    verdictTime(farm: string, check: string, verdict: Verdict, seconds: number): void {
      series.add('farmprobe_verdict_seconds_total', { farm, check, verdict }, seconds)
      const cells = store.find('check', `${farm}\n${check}`)
      const noneYet = verdicts.every((each) => cells?.[verdictCell(each) ?? -1] === 0)
      if (noneYet) showVerdict(series, farm, check, verdict)
    },
    /** All metrics in the format that an Accept header prefers; their text comes in chunks that can be sent as they come. */
    render: (accept: string | undefined) => expose(store, processMetrics, accept, nativeHistograms),
  }
}
