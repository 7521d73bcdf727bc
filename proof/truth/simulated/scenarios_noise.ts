import { dayMs, hourMs, minuteMs, secondMs } from '../../../src/runtime/duration.ts'
import { app, latency, nodes, type Sketch } from '../../../src/simulator/farm/blueprint_parts.ts'
import { about } from '../../../src/simulator/farm/chance.ts'

/** Slow answers that are nobody's recycle. */
export const noiseScenarios = {
  'warm and quiet': { about: 'Nothing happens at all.' },
  'noisy without recycles': {
    about: 'Heavy tails, a strong daily load, pauses and bad weather, all at once, and not one recycle.',
    nodes: nodes(
      4,
      app({
        latency: latency({
          body: about(120, 0.7),
          tail: { share: 0.01, times: 6, alpha: 1.6 },
          load: 1.5,
          gc: { everyMs: minuteMs, pause: about(400, 0.6) },
        }),
      }),
    ),
    users: { perSecond: 10, night: 0.05 },
    identity: false,
    happenings: [
      {
        when: { kind: 'random', meanMs: 4 * hourMs },
        what: { kind: 'weather', add: about(300, 0.6), loss: 0.03, forMs: about(90 * secondMs, 0.6) },
      },
    ],
  },
  'two-humped page': {
    about: 'One answer in twelve asks the slow database: 40 ms or 1.2 s, by nature.',
    nodes: nodes(4, app({ latency: latency({ hump: { share: 0.08, body: about(1200, 0.25) } }) })),
    identity: false,
  },
  'garbage collection': {
    about: 'Every worker stands still for about 600 ms every two minutes.',
    nodes: nodes(4, app({ latency: latency({ gc: { everyMs: 2 * minuteMs, pause: about(600, 0.4) } }) })),
    identity: false,
  },
  'network weather': {
    about: 'Several times a day the network makes every target slow at once, for minutes, and loses packets.',
    identity: false,
    happenings: [
      {
        when: { kind: 'random', meanMs: 3 * hourMs },
        what: { kind: 'weather', add: about(800, 0.7), loss: 0.1, forMs: about(2 * minuteMs, 0.8) },
      },
    ],
  },
  'prober stalls': {
    about: 'The prober itself stands still for seconds, a few times an hour.',
    identity: false,
    happenings: [
      { when: { kind: 'random', meanMs: 15 * minuteMs }, what: { kind: 'stall', forMs: about(2500, 0.8) } },
    ],
  },
  'gradual degradation': {
    about:
      'A leak: pages get slower by 3 % an hour, up to five times, until the pool is recycled after a week.',
    nodes: nodes(4, app({ latency: latency({ ageing: { perHour: 0.03, limit: 5 } }) })),
    identity: false,
    happenings: [
      {
        when: { kind: 'every', everyMs: 7 * dayMs, firstMs: 6 * dayMs },
        nodes: 'all',
        what: { kind: 'recycle', cause: 'demand' },
      },
    ],
  },
} as const satisfies Readonly<Record<string, Sketch>>
