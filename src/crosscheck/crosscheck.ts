/**
 * The cross-check of all farms: reads windows_exporter on the nodes, takes what WAS wrote there, and compares both with the
 * recycles that were seen from outside. It runs on the main thread, where nothing is timed, and its requests are no probes.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Crosschecked, ExporterChanged, Recycle } from '../model/event.ts'
import { type ExporterPlace, exporterPlaces, type Farm } from '../model/farm.ts'
import { endedMs, type Outcome, proofOf } from '../model/outcome.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import { shareOf } from '../runtime/share.ts'
import {
  advanceCrosscheck,
  observeAnswer,
  observeReading,
  observeRecycle,
  observeWritten,
  type Reach,
  reachOf,
} from './compare_recycles.ts'
import { type CrosscheckState, createCrosscheck, type Finding } from './crosscheck_state.ts'
import type { PoolReading } from './pool_ledger.ts'
import { type Reading, startReading } from './read_exporter.ts'
import { createWrittenEnds, isNamed, type Taken, type WasReport } from './written_ends.ts'

export interface CrosscheckOptions {
  readonly clock: Clock
  /** Whether a moment, in wall milliseconds, lay in maintenance of a farm. */
  readonly inMaintenance: (farm: string, atMs: number) => boolean
  /** Called with what was concluded, and when an exporter becomes unreadable or readable again. */
  readonly onEvent: (event: Crosschecked | ExporterChanged) => void
  readonly onReading: (farm: string, node: string, ok: boolean) => void
}

interface Standing {
  /** Whether windows_exporter is read at all. */
  readonly exporter: boolean
  /** Up to when WAS's events are known, and how far the clock of the node is ahead of ours. */
  readonly was?: { readonly untilMs: number; readonly skewMs: number }
  /** Undefined before the first reading. */
  readonly up: boolean | undefined
  /** Why it cannot be read, in one sentence; empty when it can. */
  readonly detail: string
  /** When it was last read, wall milliseconds; undefined when it never was. */
  readonly readMs: number | undefined
  /** What it showed then, by pool. */
  readonly pools: ReadonlyMap<string, PoolReading>
}

/** First readings are spread over the interval; with few nodes over this much time for each. */
const eachMs = 50

/** How often conclusions that only needed time are drawn. */
const advanceEveryMs = 1000

interface Watched {
  farm: Farm
  reach: Reach
  readonly place: ExporterPlace
  readonly state: CrosscheckState
  standing: Standing
  /** Since when it is watched: older events of WAS are not compared. */
  readonly sinceMs: number
  readonly fresh: ReturnType<typeof createWrittenEnds>
  readonly stopReading: () => Promise<void>
}

const nothingRead = { up: undefined, detail: '', readMs: undefined, pools: new Map() } as const

/** A cross-check of no farm yet. */
export function startCrosscheck(options: CrosscheckOptions) {
  const { clock } = options
  const watched = new Map<string, Watched>()
  const ending = new Set<Promise<void>>()
  const report = ({ farm, place }: Watched, findings: readonly Finding[]) => {
    for (const finding of findings) {
      const maintenance = options.inMaintenance(farm.name, finding.atMs)
      options.onEvent({ kind: 'crosscheck', farm: farm.name, target: place.node, maintenance, ...finding })
    }
  }
  const watch = (farm: Farm, place: ExporterPlace, nodes: number): Watched => {
    const settings = crosscheckOf(farm)
    const firstInMs = shareOf(keyOf(farm.name, place.node)) * Math.min(settings.intervalMs, nodes * eachMs)
    const sinceMs = clock.wallMs()
    const each: Watched = {
      farm,
      reach: reachOf(farm),
      place,
      state: createCrosscheck(),
      standing: { ...nothingRead, exporter: settings.exporter },
      sinceMs,
      fresh: createWrittenEnds(sinceMs),
      stopReading: settings.exporter
        ? startReading(place, settings, firstInMs, clock, (reading) => {
            noteReading(each, reading, options)
            if (typeof reading.result === 'string') return
            report(each, observeReading(each.state, reading.result, reading, each.reach))
          })
        : async () => undefined,
    }
    return each
  }
  const drop = (key: string, { stopReading }: Watched) => {
    watched.delete(key)
    const ended = stopReading().finally(() => ending.delete(ended))
    ending.add(ended)
  }
  const advance = () => {
    const nowMs = clock.wallMs()
    for (const each of watched.values()) report(each, advanceCrosscheck(each.state, nowMs, each.reach))
    cancel = clock.after(advanceEveryMs, advance)
  }
  let cancel: Cancel | undefined

  return {
    /** Reads the exporters of these farms and no others; those whose settings stay are read on. */
    setFarms(farms: readonly Farm[]): void {
      const wanted = new Map(
        farms.flatMap((farm) =>
          exporterPlaces(farm).map((place) => [keyOf(farm.name, place.node), { farm, place }] as const),
        ),
      )
      for (const [key, each] of watched) if (!isSame(each, wanted.get(key))) drop(key, each)
      for (const [key, { farm, place }] of wanted) {
        const known = watched.get(key)
        if (known === undefined) watched.set(key, watch(farm, place, wanted.size))
        else Object.assign(known, { farm, reach: reachOf(farm) })
      }
      if (watched.size > 0) cancel ??= clock.after(advanceEveryMs, advance)
    },
    observe(outcome: Outcome): void {
      // This runs for every probe, and most farms are not cross-checked.
      if (watched.size === 0) return
      const each = watched.get(keyOf(outcome.farm, outcome.target))
      if (each !== undefined && proofOf(outcome) === 'ok') observeAnswer(each.state, endedMs(outcome))
    },
    /** Takes in a recycle that was reported just now. */
    recycled({ farm, target, atMs, evidence, confidence }: Recycle): void {
      const each = watched.get(keyOf(farm, target))
      if (each === undefined) return
      const seen = { atMs, reportedMs: Math.max(atMs, clock.wallMs()), evidence, confidence }
      report(each, observeRecycle(each.state, seen, each.reach))
    },
    /** Takes in what WAS wrote on a computer, each event once; returns the nodes that it is, and how many were new. */
    written(wrote: WasReport): Taken {
      const { computer, covered, skewMs } = wrote
      const own = [...watched.values()].filter(({ place }) => isNamed(computer, place.computers))
      const [fromMs, toMs] = [covered.fromMs - skewMs, covered.toMs - skewMs]
      let fresh = 0
      for (const each of own) {
        const ends = each.fresh(each.place.pools, wrote)
        fresh += ends.length
        const untilMs = Math.max(toMs, each.standing.was?.untilMs ?? toMs)
        each.standing = { ...each.standing, was: { untilMs, skewMs } }
        const since = Math.max(fromMs, each.sinceMs)
        const found = each.standing.exporter ? { ends } : { ends, covered: { fromMs: since, toMs } }
        report(each, observeWritten(each.state, found, each.reach))
      }
      const nodes = own.map(({ farm, place, standing }) => ({
        farm: farm.name,
        target: place.node,
        untilMs: standing.was?.untilMs ?? toMs,
      }))
      return { nodes, fresh }
    },
    /** Undefined where a node is not cross-checked. */
    standing: (farm: string, node: string): Standing | undefined => watched.get(keyOf(farm, node))?.standing,
    async stop(): Promise<void> {
      cancel?.()
      cancel = undefined
      for (const [key, each] of watched) drop(key, each)
      await Promise.all(ending)
    },
  }
}

const keyOf = (farm: string, node: string) => `${farm}\n${node}`

function crosscheckOf({ name, crosscheck }: Farm) {
  if (crosscheck === undefined) throw new Error(`farm ${name} is not cross-checked`)
  return crosscheck
}

/** Whether an exporter is read as it was before: where, how, and for which pools. */
const isSame = (known: Watched, wanted: { farm: Farm; place: ExporterPlace } | undefined): boolean =>
  wanted !== undefined &&
  isDeepStrictEqual(known.place, wanted.place) &&
  isDeepStrictEqual(known.farm.crosscheck, wanted.farm.crosscheck)

function noteReading(each: Watched, { endedMs: atMs, result }: Reading, options: CrosscheckOptions): void {
  const before = each.standing
  const up = typeof result !== 'string'
  const [farm, target] = [each.farm.name, each.place.node]
  each.standing = up
    ? { ...before, up, detail: '', readMs: atMs, pools: result }
    : { ...before, up, detail: `${result}.` }
  options.onReading(farm, target, up)
  if (up === before.up || (up && before.up === undefined)) return
  const maintenance = options.inMaintenance(farm, atMs)
  options.onEvent({ kind: 'exporter', atMs, farm, maintenance, target, up, detail: each.standing.detail })
}
