import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { createVirtualFarm } from '../../../../proof/truth/simulated/virtual_probe.ts'
import type { Check, Target } from '../../../../src/model/farm.ts'
import type { Order, Outcome } from '../../../../src/model/outcome.ts'
import { createProbe } from '../../../../src/probe/probe.ts'
import { systemClock } from '../../../../src/runtime/clock.ts'
import { seededRandom } from '../../../../src/runtime/random.ts'
import type { Happening } from '../../../../src/simulator/farm/blueprint.ts'
import { balancer, check } from '../../../../src/simulator/farm/blueprint_parts.ts'
import { fixed } from '../../../../src/simulator/farm/chance.ts'
import type { TruthEvent } from '../../../../src/simulator/farm/true_events.ts'
import { startSocketFarm } from '../../../../src/simulator/sockets/socket_farm.ts'
import { at, stillNodes, stillScenario } from '../../../support/farms/still_farm.ts'

const fail = (how: 'refused' | 'reset' | 'status_500', atMs: number): Happening => ({
  when: at(atMs),
  nodes: ['web01'],
  what: { kind: 'outage', how, forMs: fixed(300), restarts: false },
})

/** Everything within four seconds: a recycle that makes the balancer give up, and outages of several kinds. */
const scripted = stillScenario(
  {},
  {
    nodes: stillNodes(2, { spawnMs: fixed(50), coldMs: fixed(800) }),
    balancer: balancer({ timeoutMs: 400 }),
    checks: [check({ timeoutMs: 2000 })],
    happenings: [
      { when: at(500), nodes: ['web02'], what: { kind: 'recycle', cause: 'demand' } },
      fail('refused', 1900),
      fail('reset', 2500),
      fail('status_500', 3100),
    ],
  },
)

/** Offsets at which the balancer and both nodes are asked. */
const slots = [100, 700, 1100, 1700, 2000, 2050, 2600, 2650, 3200, 3250, 3600]

const what = ({ target, reason, status, origin, servedBy, bodyBytes }: Outcome) => ({
  target,
  reason,
  status,
  origin,
  servedBy,
  bodyBytes,
})

const story = (truth: readonly TruthEvent[]) =>
  truth
    .map((event) => {
      if (event.kind === 'balancer_error') return `${event.status} ${event.node} ${event.cause}`
      if (event.kind === 'recycle') return `recycle ${event.node} ${event.coldMs}`
      if (event.kind === 'first_request') return `first request ${event.node} ${event.from}`
      return event.kind === 'outage' ? `outage ${event.target} ${event.how}` : event.kind
    })
    .toSorted()

test('the real probe on sockets and the virtual farm tell the same story of the same script', async () => {
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const real = await runOnSockets()
  // Servers and prober share this loop; how late it was on a busy machine, a probe may be late twice.
  const lateMs = (2 * loop.max) / 1e6
  const virtual = runVirtually()
  expect(real.outcomes.map(what)).toEqual(virtual.outcomes.map(what))
  expect(story(real.truth)).toEqual(story(virtual.truth))
  for (const [index, outcome] of real.outcomes.entries()) {
    const expectedMs = virtual.outcomes[index]?.totalMs ?? 0
    expect(outcome.totalMs).toBeGreaterThan(expectedMs - 60)
    expect(outcome.totalMs).toBeLessThan(expectedMs + 100 + lateMs)
  }
})

interface Run {
  readonly outcomes: readonly Outcome[]
  readonly truth: readonly TruthEvent[]
}

function runVirtually(): Run {
  const { farm, startMs, respond, truth } = createVirtualFarm(scripted, seededRandom(1))
  const outcomes = slots.flatMap((offsetMs) =>
    [farm.balancer, ...farm.nodes].map((target) =>
      respond(order(farm, target, startMs + offsetMs), startMs + offsetMs),
    ),
  )
  return { outcomes, truth }
}

async function runOnSockets(): Promise<Run> {
  const { farm, truth, stop } = await startSocketFarm({
    scenario: scripted,
    clock: systemClock,
    random: seededRandom(1),
  })
  let probes = 0
  const { probe, close } = createProbe({ clock: systemClock, newId: () => `probe-${++probes}` })
  const { signal } = new AbortController()
  const fromMs = systemClock.wallMs()
  const outcomes = await Promise.all(
    slots.map(async (offsetMs) => {
      await new Promise<void>((resolve) => {
        systemClock.after(offsetMs - (systemClock.wallMs() - fromMs), resolve)
      })
      const targets = [farm.balancer, ...farm.nodes]
      return Promise.all(targets.map((target) => probe(order(farm, target, fromMs + offsetMs), signal)))
    }),
  )
  await close()
  await stop()
  return { outcomes: outcomes.flat(), truth }
}

function order(farm: Order['farm'], target: Target, slotMs: number): Order {
  const [home] = farm.checks as [Check]
  return { farm, check: home, target, lane: 'tick', slotMs, lagMs: 0 }
}
