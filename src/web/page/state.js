/** What the page knows of the farms: read once, then kept up to date by what the stream tells. */
import { now, setServerTime } from './clock.js'

const minuteMs = 60_000
export const stripMinutes = 60
/** Events and marks kept for the list beside the farms. */
const keptStory = 300

/** @returns everything that is known, and how it changes */
export function createState() {
  return {
    version: '',
    oldestMs: now(),
    historyKind: 'memory',
    changesAllowed: false,
    farms: [],
    /** By `targetKey`. */
    targets: new Map(),
    /** Events and marks of the last hour or so, the oldest first. */
    story: [],
    /** Keys of targets that are to be drawn again; `farms` and `story` stand for themselves. */
    changed: new Set(),
  }
}

export const targetKey = (farm, target) => `${farm}\n${target}`

/** Takes over `/api/v1/farms`. */
export function takeFarms(state, answer) {
  setServerTime(answer.nowMs)
  state.version = answer.version
  state.oldestMs = answer.history.oldestMs
  state.historyKind = answer.history.kind
  state.changesAllowed = answer.changesAllowed
  state.farms = answer.farms
  const before = state.targets
  state.targets = new Map()
  for (const farm of answer.farms)
    for (const target of farm.targets) {
      const key = targetKey(farm.name, target.target)
      const { cells = new Map(), recycledAtMs = [] } = before.get(key) ?? {}
      const checks = new Map(target.checks.map((check) => [check.check, { ...check }]))
      state.targets.set(key, { ...target, farm: farm.name, checks, cells, recycledAtMs })
      state.changed.add(key)
    }
  state.changed.add('farms')
}

/** Takes over `/api/v1/strips`. */
export function takeStrips(state, { sinceMs, stepMs, strips }) {
  for (const strip of strips) {
    const known = state.targets.get(targetKey(strip.farm, strip.target))
    if (known === undefined) continue
    known.cells = new Map()
    for (const [index, probes] of strip.probes.entries()) {
      const reasons =
        strip.reasons[index] === undefined ? {} : { [strip.reasons[index]]: strip.failures[index] }
      const cell = { probes, failures: strip.failures[index], maxMs: strip.firstByteMaxMs[index], reasons }
      if (probes > 0) known.cells.set(Math.floor((sinceMs + index * stepMs) / minuteMs), cell)
    }
    known.recycledAtMs = strip.recycledAtMs
    state.changed.add(targetKey(strip.farm, strip.target))
  }
}

/** Takes over `/api/v1/events` and `/api/v1/marks`. */
export function takeStory(state, events, marks, blind) {
  state.story = merged(events, marks, blind).slice(-keptStory)
  state.changed.add('story')
}

/** Events, marks and times of blindness in one order. */
export const merged = (events, marks, blind = []) =>
  [
    ...events,
    ...marks.map((mark) => ({ ...mark, kind: 'mark', sentence: mark.text })),
    ...blind.map((spell) => ({ ...spell, kind: 'blind', id: `${spell.atMs}.blind.${spell.farm ?? ''}` })),
  ].sort((a, b) => a.atMs - b.atMs)

/** Takes in a batch of the stream. */
export function takeBatch(state, batch) {
  for (const probe of batch.probes) countProbe(state, probe)
  takeAgain(state, batch)
}

/** Takes in a batch that came while the state was read: what was read may be older, or newer, than the batch. */
export function takeAgain(state, { probes, events, marks }) {
  for (const probe of probes) takeLast(state, probe)
  for (const event of events) takeEvent(state, event)
  if (events.length + marks.length > 0) {
    const known = new Set(state.story.map(({ id }) => id))
    const news = merged(events, marks).filter(({ id }) => !known.has(id))
    state.story = [...state.story, ...news].sort((a, b) => a.atMs - b.atMs).slice(-keptStory)
    state.changed.add('story')
  }
}

function takeLast(state, probe) {
  const key = targetKey(probe.farm, probe.target)
  const check = state.targets.get(key)?.checks.get(probe.check)
  if (check === undefined || probe.proof === 'nothing') return
  if (check.last === null || probe.atMs >= check.last.atMs) check.last = probe
  state.changed.add(key)
}

function countProbe(state, probe) {
  const target = state.targets.get(targetKey(probe.farm, probe.target))
  if (target?.checks.get(probe.check) === undefined || probe.proof === 'nothing') return
  const minute = Math.floor(probe.atMs / minuteMs)
  const cell = target.cells.get(minute) ?? { probes: 0, failures: 0, maxMs: 0, reasons: {} }
  target.cells.set(minute, cell)
  cell.probes++
  if (probe.proof === 'failure') {
    cell.failures++
    cell.reasons[probe.reason] = (cell.reasons[probe.reason] ?? 0) + 1
  } else if (probe.firstByteMs !== undefined && (probe.lane === 'tick' || probe.lane === 'canary'))
    cell.maxMs = Math.max(cell.maxMs, probe.firstByteMs)
}

function takeEvent(state, event) {
  const farm = state.farms.find(({ name }) => name === event.farm)
  if (farm === undefined) return
  if (event.kind === 'verdict') {
    const check = farm.checks.find(({ name }) => name === event.check)
    if (check !== undefined) Object.assign(check, { verdict: event.verdict, verdictSinceMs: event.atMs })
    state.changed.add('farms')
  }
  if (event.kind === 'maintenance') {
    farm.maintenance = event.active
    state.changed.add('farms')
  }
  const key = targetKey(event.farm, event.target)
  const target = state.targets.get(key)
  if (target === undefined) return
  if (event.kind === 'recycle') {
    target.lastRecycleMs = event.atMs
    target.recycledAtMs = [...new Set([...target.recycledAtMs, event.atMs])]
  }
  if (event.kind === 'exporter')
    target.crosscheck = { ...target.crosscheck, up: event.up, detail: event.detail }
  const check = target.checks.get(event.check)
  if (check !== undefined && event.kind === 'outage_opened') check.outageSinceMs = event.atMs
  if (check !== undefined && event.kind === 'outage_closed') check.outageSinceMs = null
  state.changed.add(key)
}

/** Whether a batch holds a tick of a check that has no verdict yet: it gets its first soon, of which no event tells. */
export const awaitsVerdict = (state, { probes }) =>
  probes.some(({ farm, check, lane }) => {
    const checks = state.farms.find(({ name }) => name === farm)?.checks ?? []
    return lane === 'tick' && checks.some(({ name, verdict }) => name === check && verdict === null)
  })

const severity = ['ok', 'masked', 'node_fault', 'balancer_fault', 'farm_down']

/** The check whose verdict is the worst, with that verdict; undefined until one has been given. */
export function worstCheck(farm) {
  const judged = farm.checks.filter(({ verdict }) => verdict !== null)
  return judged.sort((a, b) => severity.indexOf(b.verdict) - severity.indexOf(a.verdict))[0]
}

/** Forgets cells that have left the strip. */
export function forgetOldCells(state) {
  const oldest = Math.floor(now() / minuteMs) - stripMinutes
  for (const target of state.targets.values())
    for (const minute of target.cells.keys()) if (minute < oldest) target.cells.delete(minute)
}
