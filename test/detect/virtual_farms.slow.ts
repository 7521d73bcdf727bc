import { expect, test } from 'vitest'
import { watchFarm } from '../../proof/truth/simulated/watch_farm.ts'
import { hourMs, secondMs } from '../../src/runtime/duration.ts'
import type { Scenario } from '../../src/simulator/farm/blueprint.ts'
import {
  app,
  balancer,
  check,
  latency,
  nodes,
  pool,
  scenario,
} from '../../src/simulator/farm/blueprint_parts.ts'
import { about } from '../../src/simulator/farm/chance.ts'
import {
  scoreBlame,
  scoreFirstRequests,
  scoreOutages,
  scoreRecycles,
} from '../support/farms/virtual_score.ts'

const dayMs = 24 * hourMs
const everySevenHours = nodes(4, app({ pool: pool({ recycle: { everyMs: 7 * hourMs } }) }))

const watch = (different: Partial<Scenario>, days: number, seed: number) =>
  watchFarm(scenario('farm', 'A farm.', different), seed, days * dayMs)

const noise = latency({
  body: about(60, 0.5),
  tail: { share: 0.01, times: 5, alpha: 2 },
  hump: { share: 0.03, body: about(400, 0.4) },
  gc: { everyMs: 30_000, pause: about(150, 0.5) },
  load: 0.8,
})

test.each([1, 2])('a new token is a recycle, and nothing else is (seed %i)', async (seed) => {
  const run = await watch({ nodes: everySevenHours, identity: true }, 2, seed)
  const score = scoreRecycles(run, () => true)
  expect(score.missed).toEqual([])
  expect(score.wrong).toEqual([])
})

test.each([1, 2, 3])('without tokens, cold starts show recycles (seed %i)', async (seed) => {
  const run = await watch({ nodes: everySevenHours, identity: false, servedBy: 'none' }, 3, seed)
  const score = scoreRecycles(run, ({ coldMs }) => coldMs > 1000)
  expect(score.found / (score.found + score.missed.length)).toBeGreaterThanOrEqual(0.95)
  expect(score.wrong).toEqual([])
  const errors = scoreFirstRequests(run).sort((a, b) => a - b)
  expect(errors[errors.length >> 1]).toBeLessThan(100)
})

test.each([1, 2])(
  'noise, weather and a prober that stands still are blamed on nobody (seed %i)',
  async (seed) => {
    const run = await watch(
      {
        identity: false,
        nodes: nodes(4, app({ latency: noise })),
        happenings: [
          {
            when: { kind: 'random', meanMs: 2 * hourMs },
            what: { kind: 'weather', add: about(200), loss: 0.03, forMs: about(30_000) },
          },
          { when: { kind: 'random', meanMs: hourMs }, what: { kind: 'stall', forMs: about(2000) } },
        ],
      },
      3,
      seed,
    )
    expect(run.events.filter(({ kind }) => kind === 'recycle')).toEqual([])
  },
)

test.each([1, 2])(
  '502s of a balancer that waits for cold nodes are blamed on them (seed %i)',
  async (seed) => {
    const run = await watch(
      {
        nodes: everySevenHours,
        identity: false,
        servedBy: 'none',
        balancer: balancer({ timeoutMs: 3 * secondMs }),
      },
      4,
      seed,
    )
    const score = scoreBlame(run)
    expect(score.total).toBeGreaterThan(5)
    expect(score.untold).toBe(0)
    expect(score.right / score.named).toBeGreaterThanOrEqual(0.97)
    expect(score.unknown / score.total).toBeLessThanOrEqual(0.1)
  },
)

test('at one probe a second every outage of a second or more is found, and its length is known to that second', async () => {
  const run = await watch(
    {
      checks: [check({ intervalMs: secondMs })],
      happenings: [
        {
          when: { kind: 'random', meanMs: 0.2 * hourMs },
          nodes: 'any',
          what: { kind: 'outage', how: 'refused', forMs: about(4000, 0.6), restarts: false },
        },
      ],
    },
    1,
    1,
  )
  const errors = scoreOutages(run, secondMs)
  expect(errors.length).toBeGreaterThan(50)
  // What nobody asked for nobody saw: the first failure comes up to a second after the outage began.
  for (const errorMs of errors) expect(Math.abs(errorMs + 350)).toBeLessThan(secondMs)
})
