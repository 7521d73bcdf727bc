import { hourMs, minuteMs, secondMs } from '../../../src/runtime/duration.ts'
import {
  app,
  balancer,
  check,
  latency,
  node,
  nodes,
  pool,
  type Sketch,
} from '../../../src/simulator/farm/blueprint_parts.ts'
import { about } from '../../../src/simulator/farm/chance.ts'

const dailyAtThree = { recycle: { atMinutes: [180] } }
const twentyMinutes = { afterMs: 20 * minuteMs, wakeMs: about(900, 0.4) }
const onDemand = { kind: 'recycle', cause: 'demand' } as const
const everyFewHours = { kind: 'random', meanMs: 3 * hourMs } as const

/** New workers, for every reason there is. */
export const recycleScenarios = {
  'cold recycles 29h': {
    about:
      'IIS as installed: each worker is replaced 29 h after its start, and its first request takes about 6 s.',
    nodes: nodes(4, app({ pool: pool({ recycle: { everyMs: 29 * hourMs } }) })),
  },
  'recycles in the same second': {
    about: 'All workers were started together, so the 29 h timer recycles every node in the same second.',
    nodes: nodes(4, app({ pool: pool({ recycle: { everyMs: 29 * hourMs } }) })),
    startedTogether: true,
  },
  'recycles at three': {
    about: 'Every pool recycles at 3 in the morning; users are few, so farmprobe is often the first to ask.',
    nodes: nodes(4, app({ pool: pool(dailyAtThree) })),
  },
  'recycles on demand': {
    about: 'Somebody recycles one pool or another every few hours: recycles without a habit.',
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'recycles without identity': {
    about: 'The same, but the application does not show its worker: only the first request gives it away.',
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
    identity: false,
  },
  'mild cold start without identity': {
    about: 'A first request that takes half a second only, over a page of 40 ms.',
    nodes: nodes(4, app({ pool: pool({ spawnMs: about(100), coldMs: about(450, 0.2) }) })),
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
    identity: false,
  },
  'busy users first': {
    about:
      'So many users that one of them nearly always meets the cold worker first; farmprobe waits behind him.',
    users: { perSecond: 60, night: 0.1 },
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'overlapped preload': {
    about: 'The cure: preloaded workers take over warm. There are recycles, and nobody waits.',
    nodes: nodes(4, app({ pool: pool({ preload: true, recycle: { everyMs: 29 * hourMs } }) })),
  },
  'not overlapped': {
    about: 'The old worker stops before the new one starts, so requests queue for both.',
    nodes: nodes(4, app({ pool: pool({ overlapped: false }) })),
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'idle terminate': {
    about:
      'A site for the daytime: at night its pools stop after 20 minutes, and the canary meets cold starts.',
    nodes: nodes(4, app({ pool: pool({ idle: { ...twentyMinutes, action: 'terminate' } }) })),
    users: { perSecond: 0.02, night: 0 },
    checks: [check({ name: 'canary', intervalMs: 31 * minuteMs, canary: true })],
  },
  suspend: {
    about: 'The same site with idle workers paged out instead: slow first requests, and no new worker.',
    nodes: nodes(4, app({ pool: pool({ idle: { ...twentyMinutes, action: 'suspend' } }) })),
    users: { perSecond: 0.02, night: 0 },
    checks: [check({ name: 'canary', intervalMs: 31 * minuteMs, canary: true })],
  },
  'idle second application': {
    about:
      'Users keep / warm and nobody asks for /reports but a canary every half hour, which finds it stopped.',
    nodes: nodes(
      4,
      app({
        path: '/reports',
        userShare: 0,
        pool: pool({ coldMs: about(3000), idle: { ...twentyMinutes, action: 'terminate' } }),
      }),
      app({ pool: pool({ recycle: { everyMs: 29 * hourMs } }) }),
    ),
    checks: [check(), check({ name: 'reports', path: '/reports', intervalMs: 31 * minuteMs, canary: true })],
  },
  'scattered release': {
    about: 'What waited for a new worker is answered over two seconds, and users ask first.',
    nodes: nodes(4, app({ pool: pool({ scatterMs: 2000 }) })),
    users: { perSecond: 20, night: 0.1 },
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'fading warm-up': {
    about: 'A worker that starts in 3 s, and then is slow and ever less so for 25 requests.',
    nodes: nodes(
      4,
      app({ pool: pool({ coldMs: about(3000), warmUp: { extraMs: about(1500), requests: 8 } }) }),
    ),
    users: { perSecond: 2, night: 0.5 },
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'broken off': {
    about: 'The old worker is killed while it has requests, and the new one starts in 3 s.',
    nodes: nodes(
      4,
      app({ pool: pool({ overlapped: false, breaksOff: true, stopMs: about(10), coldMs: about(3000) }) }),
    ),
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'web garden': {
    about:
      'Four workers a pool answer in turn: four identities at once are normal, and each recycles on its own.',
    nodes: nodes(3, app({ pool: pool({ workers: 4, recycle: { everyMs: 29 * hourMs } }) })),
  },
  'request limit': {
    about: "Pools recycle after 50,000 requests, farmprobe's included: more often the busier the day.",
    nodes: nodes(4, app({ pool: pool({ recycle: { requests: 50_000 } }) })),
    users: { perSecond: 20, night: 0.05 },
  },
  'cold paths': {
    about: 'Two checks of one application: a warm / does not make /checkout warm.',
    nodes: nodes(4, app({ pool: pool({ coldPathMs: about(1800) }) })),
    checks: [check(), check({ name: 'checkout', path: '/checkout' })],
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'deploy in turn': {
    about: 'Twice a day a new version goes over the farm behind app_offline.htm, node by node.',
    happenings: [
      {
        when: { kind: 'daily', minutes: [630, 960] },
        what: { kind: 'deploy', by: 'app_offline', gapMs: 20 * secondMs, forMs: about(6000) },
      },
    ],
  },
  'deploy by recycle': {
    about: 'Twice a day new files make the nodes recycle in turn.',
    happenings: [
      {
        when: { kind: 'daily', minutes: [630, 960] },
        what: { kind: 'deploy', by: 'recycle', gapMs: 20 * secondMs, forMs: about(0) },
      },
    ],
  },
  'configuration push': {
    about: 'A changed setting recycles every node in the same second.',
    happenings: [
      {
        when: { kind: 'random', meanMs: 9 * hourMs },
        nodes: 'all',
        what: { kind: 'recycle', cause: 'config' },
      },
    ],
  },
  'ANCM 503 in-process': {
    about: 'ASP.NET Core in-process before the fix: for seconds after a recycle some requests get its 503.',
    nodes: nodes(4, app({ pool: announced('in_process') })),
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'ANCM 502 out-of-process': {
    about: 'ASP.NET Core out-of-process: a recycle makes nodes answer the very 502 page that ARR has.',
    nodes: nodes(4, app({ pool: announced('out_of_process') })),
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
  'slow machines': {
    about: 'Nodes that differ: one is quick, one slow and noisy, and their first requests take 2 s to 40 s.',
    balancer: balancer({ timeoutMs: 30 * secondMs }),
    nodes: [2000, 6000, 15_000, 40_000].map((coldMs, index) =>
      node(
        `web0${index + 1}`,
        app({
          pool: pool({ coldMs: about(coldMs, 0.15) }),
          latency: latency({ body: about(20 * (index + 1), 0.15 * (index + 1)) }),
        }),
      ),
    ),
    checks: [check({ timeoutMs: 60 * secondMs })],
    happenings: [{ when: everyFewHours, nodes: 'any', what: onDemand }],
  },
} as const satisfies Readonly<Record<string, Sketch>>

function announced(hosting: 'in_process' | 'out_of_process') {
  return pool({ hosting, shutdownNotice: { forMs: about(4000, 0.4), share: 0.6 } })
}
