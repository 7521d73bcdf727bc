/**
 * All prober threads: as many as the farms need, every farm on one of them. A thread that ends is restarted with its
 * farms, and no slot is lost silently: the slots that it did not probe are counted as missed.
 */
import { availableParallelism } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import type { Farm } from '../../model/farm.ts'
import type { Subject } from '../../model/outcome.ts'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { formatDuration } from '../../runtime/duration.ts'
import type { Log } from '../../runtime/log.ts'
import type { Recycled } from '../usual_time.ts'
import { watchLag } from './measured_lag.ts'
import { createLedger } from './missed_slots.ts'
import type { Batch } from './prober_messages.ts'
import { type Assignment, type Prober, startProber } from './prober_thread.ts'
import { createQuarantine } from './quarantine.ts'
import { place, probersFor } from './thread_assignment.ts'
import { createNote } from './work_note.ts'

export interface FleetOptions {
  readonly entry: URL
  /**
   * How many probers; when absent, as many as the rate asks for, up to the cores less one, and one more, up to the cores,
   * whenever one is late. Never fewer than before.
   */
  readonly threads?: number
  readonly log?: Log
  readonly clock?: Clock
  /** Of each prober; one that exceeds them ends and is restarted. */
  readonly resourceLimits?: ResourceLimits
  /** Outcomes and missed slots, of checks and targets that are still in the plan. */
  readonly onBatch: (batch: Batch) => void
  readonly onRestart: (prober: number, cause: Error) => void
  /** A check is not probed on a target for a while, since its answers block a prober. */
  readonly onQuarantine?: (subject: Subject) => void
}

type Places = ReadonlyMap<string, number>

/** A fleet without farms; its first prober is started at once, to be ready when they come. */
export function startFleet(options: FleetOptions) {
  const { clock = systemClock } = options
  const originMs = clock.wallMs() - clock.monotonicMs()
  const ledger = createLedger(clock, originMs)
  const quarantine = createQuarantine()
  const probers: Prober[] = []
  const isLate = watchLag()
  let plan: readonly Farm[] = []
  let placed: Places = new Map()
  /** Probers that were added to late ones, and are ready. */
  let relief = 0

  const addProber = (onFirstReady = () => {}) => {
    const data = { prober: probers.length, originMs, note: createNote() }
    const more = { clock, ledger, data, quarantined: quarantine.list, onBatch, onCostly, onFirstReady }
    probers.push(startProber({ ...options, ...more }))
  }
  const onBatch = (batch: Batch) => {
    options.onBatch(batch)
    if (isLate(batch, clock.monotonicMs()) && options.threads === undefined) relieve(batch.prober)
  }
  /** Farms move to the new prober when it is ready, so that their slots are not missed while it starts. */
  const relieve = (late: number) => {
    const farms = plan.filter(({ name }) => placed.get(name) === late)
    if (probers.length >= availableParallelism() || farms.length < 2) return
    options.log?.warn(
      { self: 'prober_added', prober: late },
      'probes start late: one more prober thread is started',
    )
    addProber(() => {
      relief++
      apply(plan)
    })
  }
  const onCostly = (subject: Subject) => {
    const forMs = quarantine.add(subject, clock.monotonicMs())
    if (forMs === undefined) return
    options.log?.error(
      { self: 'quarantine', ...subject },
      `an answer blocked a prober thread, so this check is not probed on this target for ${formatDuration(forMs)}`,
    )
    options.onQuarantine?.(subject)
    for (const prober of probers) prober.quarantine()
  }
  const apply = (farms: readonly Farm[]) => {
    plan = farms
    const wanted = options.threads ?? probersFor(farms, availableParallelism() - 1)
    while (probers.length < wanted) addProber()
    const before = placed
    placed = place(farms, before, probers.length, relief > 0)
    for (const name of before.keys()) if (!placed.has(name)) ledger.drop(name)
    for (const [index, prober] of probers.entries()) prober.assign(assignmentOf(index, farms, before, placed))
  }
  const firstReady = Promise.withResolvers<void>()
  addProber(firstReady.resolve)
  return {
    /** Resolves when the first prober has its farms, or is ready for them. */
    firstReady: firstReady.promise,
    /** Makes `farms` the plan; what has not changed goes on undisturbed. */
    apply,
    /** For the prober of the farm, which keeps its own memory of what is usual. */
    recycled(recycle: Recycled): void {
      probers[placed.get(recycle.farm) ?? -1]?.recycled(recycle)
    },
    /** Starts nothing more, gives probes in flight `graceMs` to finish, then ends all threads. */
    async stop(graceMs: number): Promise<void> {
      await Promise.all(probers.map((prober) => prober.stop(graceMs)))
    },
    /** Probes in flight, as the probers last reported. */
    inFlight: (): number => probers.reduce((sum, prober) => sum + prober.inFlight(), 0),
    threads: (): number => probers.length,
  }
}

function assignmentOf(prober: number, plan: readonly Farm[], before: Places, after: Places): Assignment {
  const farms = plan.filter(({ name }) => after.get(name) === prober)
  const arrived = farms.filter(({ name }) => before.has(name) && before.get(name) !== prober)
  const moved = [...before]
    .filter(([name, was]) => was === prober && after.has(name) && after.get(name) !== prober)
    .map(([name]) => name)
  return { farms, arrived, moved }
}
