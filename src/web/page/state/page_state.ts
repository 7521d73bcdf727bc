/** The state of the farms: read once, then kept up to date by the stream. */
import type { Answer, Batch, BriefProbe, FarmEvent } from './api_client.ts'
import { type FeedEntry, mergeFeed } from './feed.ts'
import { type Incident, mergeIncidents } from './known_incidents.ts'
import { now, setServerTime } from './server_clock.ts'
import { throughAfter } from './through.ts'

type FarmsAnswer = Answer<'farms'>
export type FarmState = FarmsAnswer['farms'][number]
type StreamedProbe = Batch['probes'][number]
export type CheckState = Omit<FarmState['targets'][number]['checks'][number], 'last'> & {
  readonly last: (BriefProbe & { readonly remark?: string | undefined }) | null
  /** How long the newest probe can be the newest, in milliseconds; absent where a calendar decides. */
  readonly freshMs?: number
}

export interface StallSpan {
  readonly atMs: number
  readonly lengthMs: number
}

/** One minute of a target, all its checks together. */
export interface Cell {
  readonly probes: number
  readonly failures: number
  /** The slowest first byte of scheduled probes. */
  readonly maxMs: number
  readonly reasons: Readonly<Partial<Record<BriefProbe['reason'], number>>>
}

/** A target. It is replaced by a changed copy, never changed in place: a view compares the two to see a change. */
export interface TargetState extends Omit<FarmState['targets'][number], 'checks'> {
  readonly farm: string
  readonly checks: readonly CheckState[]
  /** By the minute since the Unix epoch. */
  readonly cells: ReadonlyMap<number, Cell>
  readonly recycledAtMs: readonly number[]
  readonly stalls: readonly StallSpan[]
}

export interface PageState {
  version: string
  shard: FarmsAnswer['shard']
  changesAllowed: boolean
  isRead: boolean
  oldestMs: number
  farms: readonly FarmState[]
  readonly targets: Map<string, TargetState>
  /** The feed of the last hours, the oldest first. */
  feed: readonly FeedEntry[]
  /** Of the last 30 days, the newest first. */
  incidents: readonly Incident[]
}

export const minuteMs = 60_000
export const stripMinutes = 60
const keptEntries = 300

export const createState = (): PageState => ({
  isRead: false,
  version: '',
  shard: null,
  changesAllowed: false,
  oldestMs: now(),
  farms: [],
  targets: new Map(),
  feed: [],
  incidents: [],
})

export const targetKey = (farm: string, target: string): string => `${farm}\n${target}`

export function applyFarms(state: PageState, answer: FarmsAnswer): void {
  setServerTime(answer.nowMs)
  state.version = answer.version
  state.shard = answer.shard
  state.changesAllowed = answer.changesAllowed
  state.oldestMs = answer.history.oldestMs
  state.farms = answer.farms
  const before = new Map(state.targets)
  state.targets.clear()
  for (const { name: farm, targets, checks } of answer.farms) {
    const freshMs = new Map(checks.map((check) => [check.name, freshMsOf(check)]))
    for (const target of targets) {
      const key = targetKey(farm, target.target)
      const { cells = new Map(), recycledAtMs = [], stalls = [] } = before.get(key) ?? {}
      const withFreshness = target.checks.map((each) => {
        const ms = freshMs.get(each.check)
        return ms === undefined ? each : { ...each, freshMs: ms }
      })
      state.targets.set(key, { ...target, checks: withFreshness, farm, cells, recycledAtMs, stalls })
    }
  }
}

/** A slot may be missed while probes still wait for their time-out. */
const freshMsOf = ({ schedule, timeoutMs }: FarmState['checks'][number]): number | undefined =>
  schedule.kind === 'interval' ? 2 * schedule.intervalMs + timeoutMs : undefined

export function applyStrips(state: PageState, { sinceMs, stepMs, strips }: Answer<'strips'>): void {
  for (const { farm, target, probes, failures, firstByteMaxMs, reasons, recycledAtMs, stalls } of strips) {
    const cells = new Map<number, Cell>()
    for (const [index, count] of probes.entries()) {
      const [failed = 0, maxMs = 0, reason] = [failures[index], firstByteMaxMs[index], reasons[index]]
      const cell = { probes: count, failures: failed, maxMs, reasons: reason ? { [reason]: failed } : {} }
      if (count > 0) cells.set(Math.floor((sinceMs + index * stepMs) / minuteMs), cell)
    }
    changeTarget(state, farm, target, () => ({ cells, recycledAtMs, stalls }))
  }
}

export function applyFeed(state: PageState, { events, blind }: Answer<'events'>, marks: Answer<'marks'>) {
  state.feed = mergeFeed(events, marks.marks, blind).slice(-keptEntries)
}

export function applyBatch(state: PageState, batch: Batch): void {
  for (const probe of batch.probes) countProbe(state, probe)
  applyBatchAgain(state, batch)
}

/**
 * Applies a batch once more, to answers that were requested before it came. They may be older or newer than the batch:
 * newer state is kept, and nothing is counted twice.
 */
export function applyBatchAgain(state: PageState, { probes, events, marks }: Batch): void {
  for (const probe of probes) applyLast(state, probe)
  for (const event of events) applyEvent(state, event)
  if (events.length + marks.length > 0)
    state.feed = mergeFeed([...state.feed, ...events], marks).slice(-keptEntries)
}

type Change<T> = (before: T) => Partial<T>

function changeTarget(state: PageState, farm: string, target: string, change: Change<TargetState>): void {
  const key = targetKey(farm, target)
  const before = state.targets.get(key)
  if (before !== undefined) state.targets.set(key, { ...before, ...change(before) })
}

const changeCheck =
  (name: string, change: Change<CheckState>): Change<TargetState> =>
  ({ checks }) => ({
    checks: checks.map((check) => (check.check === name ? { ...check, ...change(check) } : check)),
  })

function applyLast(state: PageState, probe: StreamedProbe): void {
  if (probe.proof === 'nothing' && probe.reason !== 'auth') return
  const newer = ({ last }: CheckState) => (last === null || probe.atMs >= last.atMs ? { last: probe } : {})
  changeTarget(state, probe.farm, probe.target, changeCheck(probe.check, newer))
}

const emptyCell: Cell = { probes: 0, failures: 0, maxMs: 0, reasons: {} }

function countProbe(state: PageState, probe: StreamedProbe): void {
  const { farm, target, check, atMs, proof, reason, lane, firstByteMs } = probe
  if (proof === 'nothing') return
  changeTarget(state, farm, target, ({ checks, cells }) => {
    if (!checks.some((each) => each.check === check)) return {}
    const minute = Math.floor(atMs / minuteMs)
    const { probes, failures, maxMs, reasons } = cells.get(minute) ?? emptyCell
    const isTimed = proof === 'ok' && (lane === 'tick' || lane === 'canary')
    const cell: Cell = {
      probes: probes + 1,
      failures: failures + (proof === 'failure' ? 1 : 0),
      maxMs: isTimed ? Math.max(maxMs, firstByteMs ?? 0) : maxMs,
      reasons: proof === 'failure' ? { ...reasons, [reason]: (reasons[reason] ?? 0) + 1 } : reasons,
    }
    return { cells: new Map(cells).set(minute, cell) }
  })
}

function applyEvent(state: PageState, event: FarmEvent): void {
  const changeFarm = (change: Change<FarmState>) => {
    state.farms = state.farms.map((farm) => (farm.name === event.farm ? { ...farm, ...change(farm) } : farm))
  }
  switch (event.kind) {
    case 'verdict': {
      const changed = { verdict: event.verdict, verdictSinceMs: event.atMs }
      changeFarm(({ checks }) => ({
        checks: checks.map((check) => (check.name === event.check ? { ...check, ...changed } : check)),
      }))
      break
    }
    case 'maintenance':
      changeFarm(() => ({ maintenance: event.active }))
      break
    case 'recycle':
      changeTarget(state, event.farm, event.target, ({ recycledAtMs }) => ({
        lastRecycleMs: event.atMs,
        recycledAtMs: [...new Set([...recycledAtMs, event.atMs])],
      }))
      break
    case 'exporter':
      changeTarget(state, event.farm, event.target, ({ crosscheck }) => ({
        crosscheck: {
          exporter: true,
          readMs: null,
          pools: [],
          was: null,
          ...crosscheck,
          up: event.up,
          detail: event.detail,
        },
      }))
      break
    case 'link':
      changeTarget(state, event.farm, event.target, (before) => throughAfter(before, event))
      break
    case 'outage_opened':
    case 'outage_closed': {
      const outageSinceMs = event.kind === 'outage_opened' ? event.atMs : null
      changeTarget(
        state,
        event.farm,
        event.target,
        changeCheck(event.check, () => ({ outageSinceMs })),
      )
      break
    }
    case 'incident_opened':
    case 'incident_closed':
      state.incidents = mergeIncidents(state.incidents, [event.snapshot])
      break
    case 'stall':
      changeTarget(state, event.farm, event.target, ({ stalls }) => ({
        stalls: [...stalls.filter(({ atMs }) => atMs !== event.atMs), event],
      }))
      break
    case 'first_request':
    case 'balancer_error':
    case 'deploy':
    case 'habit':
    case 'identity':
    case 'crosscheck':
  }
}

/** Whether a batch has a tick of a check without a verdict: the first verdict follows soon, and no event reports it. */
export const awaitsVerdict = ({ farms }: PageState, { probes }: Batch): boolean =>
  probes.some(({ farm, check, lane }) => {
    const checks = farms.find(({ name }) => name === farm)?.checks ?? []
    return lane === 'tick' && checks.some(({ name, verdict }) => name === check && verdict === null)
  })

export function dropOldCells({ targets }: PageState): void {
  const oldest = Math.floor(now() / minuteMs) - stripMinutes
  for (const [key, target] of targets)
    targets.set(key, { ...target, cells: new Map([...target.cells].filter(([minute]) => minute >= oldest)) })
}
