/** Simulated farms watched from outside, and counted inside as IIS would, in virtual time. */
import { expect, test } from 'vitest'
import { scenarios } from '../../proof/truth/simulated/scenarios.ts'
import { watchFarm } from '../../proof/truth/simulated/watch_farm.ts'
import {
  advanceCrosscheck,
  observeAnswer,
  observeReading,
  observeRecycle,
  type Reach,
} from '../../src/crosscheck/compare_recycles.ts'
import { createCrosscheck, type Finding } from '../../src/crosscheck/crosscheck_state.ts'
import type { Recycle } from '../../src/model/event.ts'
import { proofOf } from '../../src/model/outcome.ts'
import { hourMs } from '../../src/runtime/duration.ts'
import type { Scenario } from '../../src/simulator/farm/blueprint.ts'
import { app, nodes, pool } from '../../src/simulator/farm/blueprint_parts.ts'
import type { RecycleTruth } from '../../src/simulator/farm/true_events.ts'

const reach: Reach = { toleranceMs: 120_000, outsideMs: 5000, timeoutMs: 30_000 }
const readEveryMs = 15_000
/** What comes so shortly before the end is not concluded any more. */
const lastMs = 400_000

interface Told {
  readonly event: Recycle
  readonly reportedMs: number
}

interface Counted {
  readonly findings: readonly (Finding & { readonly node: string })[]
  readonly recycles: readonly RecycleTruth[]
}

/** A day of the scenario. */
async function crosscheck(scenario: Scenario, seed: number): Promise<Counted> {
  const told: Told[] = []
  const answers: { target: string; atMs: number }[] = []
  const run = await watchFarm(scenario, seed, 24 * hourMs, {
    outcome(outcome) {
      if (proofOf(outcome) === 'ok') answers.push({ target: outcome.target, atMs: outcome.startedMs })
    },
    event: (event, reportedMs) => void (event.kind === 'recycle' && told.push({ event, reportedMs })),
  })
  const recycles = run.truth.filter((event) => event.kind === 'recycle')
  const findings = scenario.nodes.flatMap(({ name }) => {
    const mine = {
      told: told.filter(({ event }) => event.target === name),
      answers: answers.filter(({ target }) => target === name),
      recycles: recycles.filter(({ node }) => node === name),
    }
    return replay(mine, run.startMs, run.endMs).map((finding) => ({ ...finding, node: name }))
  })
  return { findings, recycles: recycles.filter(({ atMs }) => atMs < run.endMs - lastMs) }
}

/** One node, reading after reading. */
function replay(
  node: { told: Told[]; answers: { atMs: number }[]; recycles: RecycleTruth[] },
  startMs: number,
  endMs: number,
): Finding[] {
  const state = createCrosscheck()
  const findings: Finding[] = []
  const told = inOrder(node.told, ({ reportedMs }) => reportedMs)
  const answers = inOrder(node.answers, ({ atMs }) => atMs)
  const recycles = inOrder(node.recycles, ({ atMs }) => atMs)
  let created = 1
  let pid = 'old'
  for (let nowMs = startMs; nowMs < endMs; nowMs += readEveryMs) {
    for (const each of recycles(nowMs)) {
      created++
      pid = each.token
    }
    for (const { event, reportedMs } of told(nowMs))
      findings.push(...observeRecycle(state, { ...event, reportedMs }, reach))
    for (const { atMs } of answers(nowMs)) observeAnswer(state, atMs)
    const pools = new Map([['shop', { pids: [pid], created }]])
    findings.push(...observeReading(state, pools, { startedMs: nowMs, endedMs: nowMs + 20 }, reach))
    findings.push(...advanceCrosscheck(state, nowMs, reach))
  }
  return findings.filter(({ atMs }) => atMs < endMs - lastMs)
}

/** Gives what has come up to a time, each once. */
function inOrder<T>(all: readonly T[], timeOf: (each: T) => number): (untilMs: number) => T[] {
  const sorted = all.toSorted((a, b) => timeOf(a) - timeOf(b))
  let next = 0
  return (untilMs) => {
    const from = next
    while (next < sorted.length && timeOf(sorted[next] as T) <= untilMs) next++
    return sorted.slice(from, next)
  }
}

const counts = ({ findings }: Counted) => ({
  both: findings.filter(({ seen }) => seen === 'both').length,
  outside: findings.filter(({ seen }) => seen === 'outside').length,
  inside: findings.filter(({ seen }) => seen === 'inside').length,
})

/** Somebody recycles one pool or another every hour or two. */
const onDemand = {
  happenings: [
    {
      when: { kind: 'random', meanMs: 1.5 * hourMs },
      nodes: 'any',
      what: { kind: 'recycle', cause: 'demand' },
    },
  ],
} as const
const everyFewHours = nodes(4, app({ pool: pool({ preload: true, recycle: { everyMs: 7 * hourMs } }) }))

test('with identity both see every recycle', async () => {
  const run = await crosscheck({ ...scenarios['recycles on demand'], ...onDemand }, 1)
  expect(run.recycles.length).toBeGreaterThan(10)
  expect(counts(run)).toEqual({ both: run.recycles.length, outside: 0, inside: 0 })
})

test('without identity warm overlapped recycles are counted inside alone', async () => {
  const farm = { ...scenarios['overlapped preload'], nodes: everyFewHours, identity: false }
  const run = await crosscheck(farm, 1)
  expect(run.recycles.length).toBeGreaterThan(3)
  expect(counts(run)).toEqual({ both: 0, outside: 0, inside: run.recycles.length })
})

test('without identity cold recycles are seen by both, as far as a probe waited for them', async () => {
  const run = await crosscheck({ ...scenarios['recycles without identity'], ...onDemand }, 1)
  const { both, outside, inside } = counts(run)
  expect(both + inside).toBe(run.recycles.length)
  expect(both).toBeGreaterThan(0.9 * run.recycles.length)
  expect(outside).toBe(0)
})
