import { minuteMs, secondMs } from '../runtime/duration.ts'
import { seededRandom } from '../runtime/random.ts'
import type { NodePlan, PoolPlan, Scenario } from './farm/blueprint.ts'
import { app, balancer, check, latency, node, pool, scenario } from './farm/blueprint_parts.ts'
import { about } from './farm/chance.ts'

/** ARR's 30 s, shortened as everything is in the demo: a first request that takes longer becomes a 502. */
const balancerPatienceMs = 2500

/**
 * The farm of `farmprobe demo`: what takes a day elsewhere happens within minutes. The first recycle comes at once,
 * and its cold start is long enough that the balancer's 502 is there within the first 15 s; then recycle timers, an
 * idle pool, short outages, a crash, a deploy and bad weather take turns. The seed says which node is hit first, and when.
 */
export function demoScenario(seed: number): Scenario {
  const random = seededRandom(seed)
  const names = ['web01', 'web02', 'web03', 'web04'] as const
  const first = names[Math.floor(random() * names.length)] ?? 'web03'
  const firstMs = 3000 + 1000 * random()
  return scenario('demo', 'What takes a day elsewhere, within minutes.', {
    nodes: names.map((name, index) => demoNode(name, (80 + 35 * index + 20 * random()) * secondMs)),
    balancer: balancer({ timeoutMs: balancerPatienceMs }),
    // Few: they take turns at the balancer with farmprobe, which is to be the first to meet the cold worker.
    users: { perSecond: 0.1, night: 1 },
    // Recycle timers begin in the middle of their period, so none interferes with the first recycle.
    startedTogether: true,
    checks: [
      check({ intervalMs: secondMs }),
      check({
        name: 'reports',
        path: '/reports',
        intervalMs: 45 * secondMs,
        canary: true,
        targets: ['node'],
      }),
    ],
    happenings: [
      {
        when: { kind: 'at', offsetsMs: [firstMs] },
        nodes: [first],
        what: { kind: 'recycle', cause: 'demand' },
      },
      {
        when: { kind: 'random', meanMs: 75 * secondMs },
        nodes: 'any',
        what: { kind: 'outage', how: 'refused', forMs: about(2500, 0.3), restarts: false },
      },
      { when: { kind: 'random', meanMs: 2.5 * minuteMs }, nodes: 'any', what: { kind: 'crash' } },
      {
        when: { kind: 'every', everyMs: 5 * minuteMs, firstMs: 3 * minuteMs },
        what: { kind: 'deploy', by: 'app_offline', gapMs: 8 * secondMs, forMs: about(3000) },
      },
      {
        when: { kind: 'random', meanMs: 4 * minuteMs },
        what: { kind: 'weather', add: about(250), loss: 0.05, forMs: about(8000) },
      },
    ],
  })
}

function demoNode(name: string, recycleEveryMs: number): NodePlan {
  const cold: Partial<PoolPlan> = { spawnMs: about(400), coldMs: about(9000, 0.08), coldPathMs: about(300) }
  const home = pool({
    ...cold,
    hosting: 'in_process',
    recycle: { everyMs: Math.round(recycleEveryMs) },
    shutdownNotice: { forMs: about(800), share: 0.5 },
  })
  const idle = { afterMs: 30 * secondMs, action: 'terminate', wakeMs: about(500) } as const
  const reports = pool({ ...cold, coldMs: about(2000), idle })
  const quick = latency({ body: about(12, 0.25) })
  return node(
    name,
    app({ path: '/reports', pool: reports, latency: quick, userShare: 0 }),
    app({ pool: home, latency: quick }),
  )
}
