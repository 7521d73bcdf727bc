/**
 * The cross-check of all farms: reads windows_exporter on the nodes and holds what it counts against the recycles that
 * were seen from outside. It runs on the main thread, where nothing is timed, and what it asks is no probe.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Crosschecked, ExporterChanged, Recycle } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'
import { type ExporterPlace, exporterPlaces } from '../model/farm.ts'
import { endedMs, type Outcome, proofOf } from '../model/outcome.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import {
  advanceCrosscheck,
  type CrosscheckState,
  createCrosscheck,
  type Finding,
  observeAnswer,
  observeReading,
  observeRecycle,
  type Reach,
  reachOf,
} from './compare_recycles.ts'
import type { PoolReading } from './pool_ledger.ts'
import { type Reader, type Reading, startReader } from './reader.ts'

export interface CrosscheckOptions {
  readonly clock: Clock
  /** Whether a moment, in wall milliseconds, lay in maintenance of a farm. */
  readonly inMaintenance: (farm: string, atMs: number) => boolean
  /** Hears of what was concluded, and when an exporter becomes unreadable or readable again. */
  readonly onEvent: (event: Crosschecked | ExporterChanged) => void
  /** Hears after every reading whether there was one. */
  readonly onReading: (farm: string, node: string, ok: boolean) => void
}

/** How an exporter stands. */
interface Standing {
  /** Undefined before the first reading. */
  readonly up: boolean | undefined
  /** Why it cannot be read, in one sentence; empty when it can. */
  readonly detail: string
  /** When it was last read, wall milliseconds; undefined when it never was. */
  readonly readMs: number | undefined
  /** What it said then, by pool. */
  readonly pools: ReadonlyMap<string, PoolReading>
}

export interface CrosscheckWatch {
  /** Reads the exporters of these farms and no others; those whose settings stay are read on. */
  setFarms(farms: readonly Farm[]): void
  observe(outcome: Outcome): void
  /** Takes in a recycle that was told just now. */
  recycled(event: Recycle): void
  /** Undefined where a node is not cross-checked. */
  standing(farm: string, node: string): Standing | undefined
  stop(): Promise<void>
}

/** Readings are spread over their interval; of few nodes they begin sooner, with so much time for each. */
const eachMs = 50

/** How often conclusions are drawn that need only time. */
const advanceEveryMs = 1000

interface Watched {
  farm: Farm
  reach: Reach
  readonly place: ExporterPlace
  readonly state: CrosscheckState
  standing: Standing
  readonly reader: Reader
}

const nothingRead: Standing = { up: undefined, detail: '', readMs: undefined, pools: new Map() }

/** A cross-check of no farm yet. */
export function startCrosscheck(options: CrosscheckOptions): CrosscheckWatch {
  const { clock } = options
  const watched = new Map<string, Watched>()
  const ending = new Set<Promise<void>>()
  const tell = ({ farm, place }: Watched, findings: readonly Finding[]) => {
    for (const finding of findings) {
      const maintenance = options.inMaintenance(farm.name, finding.atMs)
      options.onEvent({ kind: 'crosscheck', farm: farm.name, target: place.node, maintenance, ...finding })
    }
  }
  const watch = (farm: Farm, place: ExporterPlace, nodes: number): Watched => {
    const settings = crosscheckOf(farm)
    const firstInMs = shareOf(farm.name, place.node) * Math.min(settings.intervalMs, nodes * eachMs)
    const each: Watched = {
      farm,
      reach: reachOf(farm),
      place,
      state: createCrosscheck(),
      standing: nothingRead,
      reader: startReader(place, settings, firstInMs, clock, (reading) => {
        noteReading(each, reading, options)
        if (typeof reading.result === 'string') return
        tell(each, observeReading(each.state, reading.result, reading, each.reach))
      }),
    }
    return each
  }
  const drop = (key: string, { reader }: Watched) => {
    watched.delete(key)
    const ended = reader.stop().finally(() => ending.delete(ended))
    ending.add(ended)
  }
  const advance = () => {
    const nowMs = clock.wallMs()
    for (const each of watched.values()) tell(each, advanceCrosscheck(each.state, nowMs, each.reach))
    cancel = clock.after(advanceEveryMs, advance)
  }
  let cancel: Cancel | undefined

  return {
    setFarms(farms) {
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
    observe(outcome) {
      // Every probe comes by here, and most farms are not cross-checked.
      if (watched.size === 0) return
      const each = watched.get(keyOf(outcome.farm, outcome.target))
      if (each !== undefined && proofOf(outcome) === 'ok') observeAnswer(each.state, endedMs(outcome))
    },
    recycled({ farm, target, atMs, evidence, confidence }) {
      const each = watched.get(keyOf(farm, target))
      if (each === undefined) return
      const seen = { atMs, toldMs: Math.max(atMs, clock.wallMs()), evidence, confidence }
      tell(each, observeRecycle(each.state, seen, each.reach))
    },
    standing: (farm, node) => watched.get(keyOf(farm, node))?.standing,
    async stop() {
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

/** The same for the same name in every process, and spread over all names. */
function shareOf(farm: string, node: string): number {
  let hash = 2_166_136_261
  for (const character of keyOf(farm, node))
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619)
  return (hash >>> 0) / 2 ** 32
}

function noteReading(each: Watched, { endedMs: atMs, result }: Reading, options: CrosscheckOptions): void {
  const before = each.standing
  const up = typeof result !== 'string'
  const [farm, target] = [each.farm.name, each.place.node]
  each.standing = up
    ? { up, detail: '', readMs: atMs, pools: result }
    : { ...before, up, detail: `${result}.` }
  options.onReading(farm, target, up)
  if (up === before.up || (up && before.up === undefined)) return
  const maintenance = options.inMaintenance(farm, atMs)
  options.onEvent({ kind: 'exporter', atMs, farm, maintenance, target, up, detail: each.standing.detail })
}
