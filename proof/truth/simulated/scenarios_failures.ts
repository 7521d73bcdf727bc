import { hourMs, minuteMs, secondMs } from '../../../src/runtime/duration.ts'
import type { Happening, NodeOutageKind } from '../../../src/simulator/farm/blueprint.ts'
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
import { takesOut } from './health_rotation.ts'
import { leastConnections } from './least_connections.ts'
import { haproxy, nginx } from './products.ts'

const quickCheck = [check({ intervalMs: secondMs, timeoutMs: 10 * secondMs })]

const recyclesOnDemand: Happening = {
  when: { kind: 'random', meanMs: 40 * minuteMs },
  nodes: 'any',
  what: { kind: 'recycle', cause: 'demand' },
}

/** Where nobody listens any more, the process has ended; on other failures the worker lives on. */
function outages(
  how: NodeOutageKind,
  meanMs: number,
  forMs = about(2500, 0.35),
  restarts = how === 'refused',
): Happening {
  return { when: { kind: 'random', meanMs }, nodes: 'any', what: { kind: 'outage', how, forMs, restarts } }
}

/** Nodes that fail, and balancers that do. */
export const failureScenarios = {
  'short outages 1-5 s': {
    about: 'Nodes refuse, reset, close or answer 500 for 1 to 5 seconds; watched every second.',
    checks: quickCheck,
    happenings: (['refused', 'reset', 'closed', 'status_500'] as const).map((how) =>
      outages(how, 2 * hourMs),
    ),
  },
  'silent nodes': {
    about: 'Nodes that take requests and never answer, or cannot be reached, for half a minute.',
    happenings: (['unanswered', 'unreachable'] as const).map((how) =>
      outages(how, 3 * hourMs, about(30_000, 0.3)),
    ),
  },
  restarts: {
    about: 'Machines that reboot: minutes of refused connections, then a cold worker.',
    happenings: [outages('refused', 6 * hourMs, about(90_000, 0.4))],
  },
  crashes: {
    about: 'Workers that crash under a request: one reset, then a cold start.',
    happenings: [{ when: { kind: 'random', meanMs: 2 * hourMs }, nodes: 'any', what: { kind: 'crash' } }],
  },
  'rapid fail': {
    about:
      'Five crashes within five minutes: IIS gives the pool up and the kernel answers 503 for ten minutes.',
    happenings: [
      {
        when: { kind: 'at', offsetsMs: [6, 30, 54, 78].flatMap((hour) => crashesAt(hour * hourMs)) },
        nodes: ['web02'],
        what: { kind: 'crash' },
      },
    ],
  },
  'kernel 503': {
    about: 'So many users that the queue of a cold pool overflows, and the kernel answers 503.',
    nodes: nodes(4, app({ pool: pool({ queueLength: 100, coldMs: about(12_000) }) })),
    users: { perSecond: 120, night: 0.3 },
    happenings: [recyclesOnDemand],
  },
  'TCP-level pools': {
    about: 'Pools that close connections instead of answering 503 while they are disabled.',
    nodes: nodes(4, app({ pool: pool({ tcpLevel: true }) })),
    happenings: [
      {
        when: { kind: 'at', offsetsMs: [6, 30, 54].flatMap((hour) => crashesAt(hour * hourMs)) },
        nodes: ['web03'],
        what: { kind: 'crash' },
      },
    ],
  },
  'balancer time-out': {
    about: 'The origin story: first requests of 4 to 9 s against an ARR that waits 3 s and answers 502.',
    balancer: balancer({ timeoutMs: 3 * secondMs }),
    happenings: [recyclesOnDemand],
  },
  'balancer time-out, nodes unnamed': {
    about: 'The same, but no answer says which node it came from.',
    balancer: balancer({ timeoutMs: 3 * secondMs }),
    happenings: [recyclesOnDemand],
    servedBy: 'none',
  },
  'nginx time-out': {
    about: 'nginx in front instead: 504 on time-outs, another node on errors.',
    balancer: balancer({ product: nginx, timeoutMs: 3 * secondMs, retry: 'error' }),
    happenings: [recyclesOnDemand, outages('refused', 2 * hourMs)],
  },
  'HAProxy with least connections': {
    about:
      'HAProxy sends requests where the fewest are, so a cold node gets few; it answers 502, 503 or 504.',
    balancer: balancer({ product: haproxy, algorithm: leastConnections, timeoutMs: 3 * secondMs }),
    users: { perSecond: 20, night: 0.1 },
    happenings: [recyclesOnDemand, outages('refused', 2 * hourMs), outages('reset', 2 * hourMs)],
  },
  'weighted nodes': {
    about: 'web01 gets five requests of eight, so most errors come from there.',
    balancer: balancer({ timeoutMs: 3 * secondMs }),
    nodes: nodes(4).map((plan) => (plan.name === 'web01' ? { ...plan, weight: 5 } : plan)),
    happenings: [recyclesOnDemand],
  },
  'affinity cookie': {
    about: 'Only the ARRAffinity cookie, which says nothing to a person, tells one node from another.',
    balancer: balancer({ timeoutMs: 3 * secondMs }),
    servedBy: 'cookie',
    happenings: [recyclesOnDemand],
  },
  'balancer own pool': {
    about: "ARR's own pool recycles every few hours: 502 for seconds while every node is fine.",
    happenings: [
      {
        when: { kind: 'random', meanMs: 4 * hourMs },
        what: { kind: 'balancer_recycle', forMs: about(3000, 0.4) },
      },
    ],
  },
  'masked node': {
    about: 'Health checks take failing nodes out, so users see nothing of outages that last for minutes.',
    balancer: balancer({
      ...takesOut({
        health: { path: '/', everyMs: 5 * secondMs, timeoutMs: 5 * secondMs, fall: 2, rise: 2 },
      }),
      retry: 'error',
    }),
    happenings: [outages('refused', 3 * hourMs, about(4 * minuteMs, 0.4))],
  },
  'failures counted': {
    about:
      'nginx takes a node out for 10 s after three failed requests in a row, and asks another on errors.',
    balancer: balancer({
      product: nginx,
      retry: 'error',
      ...takesOut({ passive: { fails: 3, forMs: 10 * secondMs } }),
    }),
    users: { perSecond: 10, night: 0.1 },
    happenings: [outages('refused', 2 * hourMs, about(40_000, 0.4))],
  },
  'slow page, short patience': {
    about: 'A warm page that sometimes takes longer than the balancer waits: 502s without any recycle.',
    balancer: balancer({ timeoutMs: 2 * secondMs }),
    nodes: nodes(4, app({ latency: latency({ hump: { share: 0.01, body: about(1500, 0.4) } }) })),
  },
  everything: {
    about:
      'A farm on a bad week: timers, a leak, deploys, outages, weather, stalls and an impatient balancer.',
    balancer: balancer({ timeoutMs: 5 * secondMs }),
    nodes: ['web01', 'web02', 'web03', 'web04'].map((name) =>
      node(
        name,
        app({
          pool: pool({ recycle: { everyMs: 29 * hourMs } }),
          latency: latency({ body: about(80, 0.5) }),
        }),
      ),
    ),
    users: { perSecond: 8, night: 0.05 },
    happenings: [
      outages('refused', 9 * hourMs),
      { when: { kind: 'random', meanMs: 12 * hourMs }, nodes: 'any', what: { kind: 'crash' } },
      {
        when: { kind: 'daily', minutes: [840] },
        what: { kind: 'deploy', by: 'app_offline', gapMs: 30 * secondMs, forMs: about(5000) },
      },
      {
        when: { kind: 'random', meanMs: 8 * hourMs },
        what: { kind: 'weather', add: about(400, 0.6), loss: 0.05, forMs: about(minuteMs, 0.6) },
      },
      { when: { kind: 'random', meanMs: 3 * hourMs }, what: { kind: 'stall', forMs: about(1500, 0.6) } },
    ],
  },
} as const satisfies Readonly<Record<string, Sketch>>

/** Five crashes, far enough apart for the worker to come back in between. */
function crashesAt(offsetMs: number): number[] {
  return [0, 1, 2, 3, 4].map((crash) => offsetMs + crash * 40 * secondMs)
}
