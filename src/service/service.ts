/**
 * The composition root: the only file that knows every part, in the order in which data flows. Configuration and
 * discovery give farms; prober threads probe them; outcomes come back in batches, are counted and go to the monitor of
 * their farm; what the monitors conclude is compared with what IIS counts, where that is configured; and every event is
 * counted, shown on the page and written to the journal.
 */
import { isDeepStrictEqual } from 'node:util'
import { createOnDemand } from '../blackbox/probe_endpoint.ts'
import { startCrosscheck } from '../crosscheck/crosscheck.ts'
import { type Discovery, type DiscoveryMemory, startDiscovery } from '../discovery/discovery.ts'
import { createMetrics, type MetricsOptions } from '../metrics/metrics.ts'
import type { FarmEvent } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Log } from '../runtime/log.ts'
import { oneAtATime } from '../runtime/one_at_a_time.ts'
import { createFileWatch } from '../runtime/watch_file.ts'
import { startFleet } from '../schedule/threads/fleet.ts'
import type { Batch } from '../schedule/threads/prober_messages.ts'
import { recycledBy } from '../schedule/usual_time.ts'
import { createLive } from '../web/live/live.ts'
import { discoveryReports } from './discovery_reports.ts'
import { farmChanges, keepUnchanged } from './farm_changes.ts'
import { startFarmMonitors } from './farm_monitors.ts'
import { createFileReader } from './file_reader.ts'
import { openListeners } from './listeners.ts'
import type { LoadResult, ServiceConfig } from './load_configuration.ts'
import { pageUrlOf, startNotifications } from './notifications.ts'
import { type ConfiguredJournal, openConfiguredJournal } from './open_journal.ts'
import { reloaded } from './reloaded.ts'
import { createStarvationLog } from './starvation_log.ts'
import { createWasEvents } from './was_events.ts'

export interface ServiceOptions extends MetricsOptions {
  /** Reads the configuration again, for a reload. */
  readonly load: () => Promise<LoadResult>
  readonly log: Log
  /** Allow changes over HTTP: POST /-/reload and POST /api/v1/maintenance. */
  readonly lifecycle: boolean
  /** Write the journal that the configuration names; a restart then continues where it stopped. */
  readonly remember?: boolean
  readonly onOutcome?: (outcome: Outcome) => void
  readonly onEvent?: (event: FarmEvent) => void
}

export type Service = Awaited<ReturnType<typeof startService>>

/**
 * Starts everything for a configuration that has been read already.
 * @throws CannotListen when the address to listen on cannot be had
 * @throws BadWebConfig when the file that protects the pages is bad
 */
export async function startService(initial: ServiceConfig, options: ServiceOptions) {
  const { clock, log, shard } = options
  let config = initial
  let farms: readonly Farm[] = []
  let ready = false
  const metrics = createMetrics(options)
  const around = { clock, log, metrics }
  const live = createLive(clock)
  let journal: ConfiguredJournal | undefined
  /** What the journal knew of each farm when it was opened. */
  let known: ReturnType<ConfiguredJournal['loadMonitors']> = new Map()
  const record = (event: FarmEvent) => {
    live.record(event)
    journal?.record(event)
    options.onEvent?.(event)
  }
  const notifications = startNotifications({
    ...around,
    inMaintenance: (farm) => monitors.inMaintenance(farm),
    pageUrl: () => pageUrlOf(config.web, web.url),
  })
  const monitors = startFarmMonitors({
    metrics,
    clock,
    quietMs: () => config.incidents.quietMs,
    memory: { known: () => known, keep: (...what) => journal?.saveMonitor(...what) },
    onIncidents: notifications.follow,
    onEvent(event) {
      record(event)
      notifications.record(event)
      if (event.kind === 'recycle') crosscheck.recycled(event)
      const recycled = recycledBy(event, clock.wallMs())
      if (recycled !== undefined) fleet.recycled(recycled)
    },
  })
  const crosscheck = startCrosscheck({
    clock,
    inMaintenance: monitors.inMaintenance,
    onEvent(event) {
      metrics.record(event)
      record(monitors.learn(event))
    },
    onReading: (farm, target, ok) => metrics.set('farmprobe_crosscheck_up', { farm, target }, ok ? 1 : 0),
  })
  const starvation = createStarvationLog(log)
  const fleet = startFleet({
    clock,
    log,
    entry: new URL('./prober_entry.ts', import.meta.url),
    onBatch(batch: Batch) {
      for (const outcome of batch.outcomes) {
        metrics.observe(outcome)
        monitors.observe(outcome)
        options.onOutcome?.(outcome)
        // Events say what became of a node through the balancer.
        if (outcome.role === 'through') continue
        crosscheck.observe(outcome)
        live.observe(outcome)
        journal?.observe(outcome)
        starvation(outcome)
      }
      for (const { subject, count } of batch.missed) {
        metrics.add('farmprobe_missed_slots_total', subject, count)
        journal?.missed(subject, count)
      }
      if (batch.loopDelay !== undefined) metrics.loopDelay(batch.prober, batch.loopDelay)
      metrics.set('farmprobe_in_flight', {}, fleet.inFlight())
    },
    onRestart(prober) {
      metrics.add('farmprobe_prober_restarts_total', { prober: `${prober}` })
      journal?.note({ kind: 'prober_restart', atMs: clock.wallMs(), prober })
    },
    onQuarantine: ({ farm }) => metrics.add('farmprobe_quarantines_total', { farm }),
  })
  const onDemand = createOnDemand(config.blackbox, {
    clock,
    log,
    entry: new URL('./on_demand_entry.ts', import.meta.url),
    onAnswer: (answer) => metrics.add('farmprobe_on_demand_requests_total', { answer }),
  })
  const applyFarms = (given: readonly Farm[]) => {
    const found = keepUnchanged(farms, given)
    if (ready && isDeepStrictEqual(found, farms)) return
    for (const { farm, text } of ready ? farmChanges(farms, found) : []) {
      log.info({ self: 'farm_changed', farm }, `${farm}: ${text}`)
      journal?.note({ kind: 'config', atMs: clock.wallMs(), farm, text })
    }
    farms = found
    metrics.setFarms(found)
    monitors.setFarms(found)
    notifications.setFarms(found.map(({ name }) => name))
    crosscheck.setFarms(found)
    fleet.apply(found)
    onDemand.setFarms(found)
    live.setFarms(found)
    metrics.setProbers(Array.from({ length: fleet.threads() }, (_, prober) => prober))
    ready = true
  }
  // Nodes found before a reload stay known after it, in case DNS or a file fails just then.
  const memory: DiscoveryMemory = new Map()
  const files = createFileReader(clock)
  const wasEvents = createWasEvents({
    ...around,
    readEvents: files.readWasEvents,
    written: crosscheck.written,
  })
  const discover = (): Discovery =>
    startDiscovery(config.farms, {
      clock,
      memory,
      onFarms: applyFarms,
      ...files,
      ...discoveryReports(log, metrics),
    })

  const reload = oneAtATime(async () => {
    await web.refresh()
    const next = await reloaded(options.load, { started: initial, before: config }, around)
    if (next === undefined) return false
    config = next
    await notifications.setReceivers(config.receivers)
    onDemand.configure(config.blackbox)
    await modulesWatch.follow(config.blackbox.modulesFile)
    await wasEvents.follow(config.was.folder)
    await discovery.stop()
    discovery = discover()
    log.info({ self: 'reload', farms: config.farms.length }, 'configuration reloaded')
    return true
  })

  const modulesWatch = createFileWatch(clock, () => void reload())
  const web = await openListeners(config.web, {
    ...around,
    version: options.version,
    ports: {
      render: metrics.render,
      isReady: () => ready,
      farms: () => farms,
      config: () => config.redacted,
      ...(shard && { shard }),
      live,
      history: () => (journal?.isOpen() ? journal.history : live.recent),
      onDemand: onDemand.answer,
      readings: monitors.readings,
      inMaintenance: monitors.inMaintenance,
      crosscheck: crosscheck.standing,
      was: (sent) => (config.was.push ? wasEvents.push(sent) : undefined),
      ...(options.lifecycle && {
        reload,
        maintain: monitors.declareMaintenance,
        mark(mark) {
          live.marked(mark)
          journal?.note({ kind: 'mark', ...mark })
        },
      }),
    },
  }).catch(async (error: unknown) => {
    monitors.stop()
    await crosscheck.stop()
    await fleet.stop(0)
    throw error
  })
  metrics.reloaded('config', true)
  // Only now: a start that fails because it cannot listen leaves no trace in the journal.
  if (options.remember) journal = openConfiguredJournal(config, { ...around, version: options.version })
  known = journal?.loadMonitors() ?? known
  await notifications.setReceivers(config.receivers)
  let discovery = discover()
  await modulesWatch.follow(config.blackbox.modulesFile)
  await wasEvents.follow(config.was.folder)
  // What answers requests takes a while to load: the first probes do not wait for it.
  void fleet.firstReady.then(web.load)

  return {
    /** Where the page and /metrics are, such as `http://127.0.0.1:9502`. */
    url: web.url,
    /** What links to the page begin with. */
    pageUrl: pageUrlOf(config.web, web.url),
    /** The addresses of the parts that have their own, by the setting that gives it. */
    otherUrls: web.others,
    /** Reads the configuration and applies the difference; false when it was bad and nothing changed. */
    reload,
    /** Stops probing, lets probes in flight finish for at most `drainMs`, then closes everything. */
    async stop(drainMs: number): Promise<void> {
      await files[Symbol.asyncDispose]()
      const parts = [modulesWatch, wasEvents, discovery, crosscheck, onDemand]
      await Promise.all([fleet.stop(drainMs), ...parts.map((part) => part.stop())])
      monitors.stop()
      await notifications.stop()
      await web.close()
      await journal?.history.close()
      journal?.close()
    },
  }
}
