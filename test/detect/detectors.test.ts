import { assert, constantFrom, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { createDetectors } from '../../src/detect/detectors.ts'
import { createMonitor, type Monitor } from '../../src/detect/monitor.ts'
import { scopeOf } from '../../src/detect/sample.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import { endedMs, type Outcome } from '../../src/model/outcome.ts'
import { every, sampleCheck, sampleFarm } from '../support/farms/sample_farm.ts'
import { anOutcome, type Said, startMs } from '../support/farms/scripted_farm.ts'

const nodes = ['web01', 'web02', 'web03']
const checks = [
  sampleCheck(every(60_000)),
  sampleCheck({ name: 'shop', ...every(60_000) }),
  sampleCheck({ name: 'reports', ...every(1_800_000), canary: true, targets: ['node'] }),
]
const farm = sampleFarm(
  { checks, affinity: { cookie: 'ARRAffinity' }, servedBy: { header: 'X-Node' } },
  nodes,
)

const hourS = 3600
/** The story breaks off in the middle of everything. */
const breakS = 4 * 24 * hourS
const endS = breakS + hourS

/** Two nodes are recycled by the same 29 hours' timer; at the end each gets a new worker in turn. */
const workerOf = (at: number, target: string): string => {
  const deployS = breakS - 240 + 120 * nodes.indexOf(target)
  if (at >= deployS) return `${target}-deployed`
  return target === 'web03' ? target : `${target}-${Math.floor(at / (29 * hourS))}`
}

function home(at: number, target: string): Said {
  if (target === 'balancer' && at % (2 * hourS) === 0)
    return { at, target, reason: 'status', status: 502, firstByteMs: 5000 }
  if (target === 'web03' && at >= breakS - 600 && at < breakS + 60) return { at, target, reason: 'refused' }
  return target === 'balancer' ? { at, target } : { at, target, identity: workerOf(at, target) }
}

/** Shows no worker, is slow at times, and is stopped on one node when the story breaks off. */
function shop(at: number, target: string): Said {
  const asked = { at, target, check: 'shop' }
  if (target === 'web02' && at >= breakS - 120 && at < breakS + 120)
    return { ...asked, reason: 'status', status: 503, origin: 'iis-kernel' }
  return isSlow(at, target) ? { ...asked, firstByteMs: 2000 } : asked
}

/** Another request overtakes it: it is slow by itself. */
const isSlow = (at: number, target: string): boolean => target === 'web01' && at % (5 * hourS) === 0
const overtaking = (at: number): Said => ({ at: at + 0.5, target: 'web01', check: 'shop', lane: 'burst' })

const reports = (at: number, target: string): Said => ({
  at,
  target,
  check: 'reports',
  lane: 'canary',
  identity: `${target}-${Math.floor(at / hourS)}`,
  firstByteMs: 900,
})

/** The balancer does not reach one node when the story breaks off. */
function through(at: number, target: string): Said {
  const asked = { at, target, role: 'through' } as const
  const isCutOff = target === 'web01' && at >= breakS - 200 && at < breakS + 120
  return isCutOff ? { ...asked, reason: 'status', status: 502 } : asked
}

/** Everything in which a detector can find something to remember. */
const story: readonly Outcome[] = Array.from({ length: endS / 60 }, (_, minute) => 60 * minute)
  .flatMap((at) => [
    ...['balancer', ...nodes].flatMap((target) => [home(at, target), shop(at, target)]),
    ...(isSlow(at, 'web01') ? [overtaking(at)] : []),
    ...(at > breakS - hourS ? nodes.map((target) => through(at, target)) : []),
    ...(at % 1800 === 0 ? nodes.map((target) => reports(at, target)) : []),
  ])
  .map(anOutcome)
  .sort((a, b) => endedMs(a) - endedMs(b))

const breakMs = startMs + breakS * 1000
const before = story.filter((outcome) => endedMs(outcome) <= breakMs)
const after = story.slice(before.length)

function play(monitor: Monitor, outcomes: readonly Outcome[]): FarmEvent[] {
  return outcomes.flatMap((outcome) => [...monitor.observe(outcome), ...monitor.advance(endedMs(outcome))])
}

function watched(): Monitor {
  const monitor = createMonitor(farm)
  play(monitor, before)
  return monitor
}

interface Saved {
  readonly state: Record<string, unknown>
  readonly baselines: Record<string, unknown>
}

const savedBy = (monitor: Monitor): Saved =>
  JSON.parse(JSON.stringify({ state: monitor.state(), baselines: monitor.baselines() })) as Saved

const restored = (saved: unknown): Monitor =>
  createMonitor(farm, { snapshot: { ...Object(saved), restoredMs: breakMs } })

const freshDetectors = () => {
  const detectors = createDetectors(() => undefined)
  for (const detector of Object.values(detectors)) detector.setFarm(scopeOf(farm))
  return detectors
}

const names = Object.keys(freshDetectors())
/** Their memory is of the last seconds, or of what the story has not. */
const transient = ['answers', 'identityFinder']
const monitor = watched()
const saved = savedBy(monitor)
/** What it tells when it is not disturbed. */
const undisturbed = play(monitor, after)
const all = { ...saved.state, ...saved.baselines }

test.each(names)('what %s remembers survives a restart', (name) => {
  const again = savedBy(restored(saved))
  expect({ ...again.state, ...again.baselines }[name]).toEqual(all[name])
  const fresh = savedBy(createMonitor(farm))
  const isRemembered =
    JSON.stringify(all[name]) !== JSON.stringify({ ...fresh.state, ...fresh.baselines }[name])
  expect(isRemembered).toBe(!transient.includes(name))
})

/** Every number that is a moment, in milliseconds or in seconds since the epoch, moved back. */
function moved(value: unknown, byMs: number, name = ''): unknown {
  if (typeof value === 'number' && name === 'atS') return value - byMs / 1000
  if (typeof value === 'number') return value > 1e12 ? value - byMs : value
  if (Array.isArray(value)) return value.map((each) => moved(each, byMs, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, moved(each, byMs, name)]))
}

test.each(names)('every moment that %s remembers moves with a wall clock that is set back', (name) => {
  const byMs = 5_000_000
  const detector = Object.entries(freshDetectors()).find(([each]) => each === name)?.[1]
  detector?.restore(all[name], breakMs)
  detector?.shift(byMs)
  expect(JSON.parse(JSON.stringify(detector?.save() ?? null))).toEqual(moved(all[name] ?? null, byMs))
})

/** What was seen in the minute before a restart is not kept, so that first requests may be missed. */
const told = (events: readonly FarmEvent[]) =>
  events.filter(({ kind }) => kind !== 'first_request' && kind !== 'balancer_error')

test('a story goes on after a restart as if there had been none', () => {
  const expected = told(undisturbed)
  expect(expected.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['outage_closed', 'verdict', 'recycle', 'deploy']),
  )
  expect(told(play(restored(saved), after))).toEqual(expected)
})

test.each([61_000, 5_000_000, 90_000_000])(
  'a story goes on after the wall clock was set back by %d ms as if it had not been',
  (byMs) => {
    const back = after.map((outcome) => ({
      ...outcome,
      slotMs: outcome.slotMs - byMs,
      startedMs: outcome.startedMs - byMs,
    }))
    const expected = moved(undisturbed, byMs)
    const monitor = watched()
    monitor.advance(breakMs)
    monitor.advance(breakMs - byMs)
    expect(play(monitor, back)).toEqual(expected)
  },
)

test('damage to what one detector saved harms no other, and none later', () => {
  const places = placesIn(saved)
  assert(
    property(
      nat(places.length - 1),
      constantFrom(null, 'damaged', -1, 1e300, true, [], {}, [[]], [null, {}], undefined),
      (index, damage) => {
        const damaged = structuredClone(saved)
        const { holder, name, path } = placesIn(damaged)[index] as Place
        holder[name] = damage
        const monitor = restored(damaged)
        const [, detector] = path
        const isOfOne = detector !== undefined && detector !== 'form'
        const again = savedBy(monitor)
        const others = names.filter((each) => isOfOne && each !== detector && each in again.state)
        for (const each of others) expect(again.state[each]).toEqual(all[each])
        play(monitor, after.slice(0, 60))
        expect(monitor.readings(breakMs).verdicts).toHaveLength(checks.length)
      },
    ),
    { numRuns: 100 },
  )
})

interface Place {
  readonly holder: Record<string, unknown>
  readonly name: string
  /** The names that lead to it, from the outermost on. */
  readonly path: readonly string[]
}

/** Every place in a value that can be damaged. */
const placesIn = (value: unknown, path: readonly string[] = []): Place[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, each]) => [
        { holder: value as Record<string, unknown>, name, path: [...path, name] },
        ...placesIn(each, [...path, name]),
      ])
