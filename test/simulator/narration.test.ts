import { expect, test } from 'vitest'
import type { RecycleTruth, TruthEvent } from '../../src/simulator/farm/true_events.ts'
import { narrate } from '../../src/simulator/narration.ts'

const recycle: RecycleTruth = {
  kind: 'recycle',
  atMs: 0,
  node: 'web03',
  app: '/',
  cause: 'time',
  servesMs: 600,
  worker: 0,
  token: '4242-abc',
  overlapped: true,
  preloaded: false,
  coldMs: 4200,
  periodMs: 29 * 3_600_000,
}

const sentences: readonly (readonly [TruthEvent, string])[] = [
  [
    { kind: 'pause', atMs: 0, toMs: 2100, node: 'web03' },
    'web03 answered nobody for 2.1s while it collected garbage',
  ],
  [recycle, "web03's pool starts a new worker (recycle timer, every 29h); its first request will take 4.2s"],
  [
    { ...recycle, cause: 'crash', app: '/reports', preloaded: true, coldMs: 0, periodMs: undefined as never },
    "web03's pool of /reports starts a new worker (after a crash); preloaded, so nobody will notice",
  ],
  [
    {
      kind: 'first_request',
      atMs: 0,
      node: 'web03',
      app: '/',
      path: '/',
      of: 'worker',
      from: 'probe',
      ms: 4200,
    },
    "web03's new worker gets its first request, /: farmprobe waits 4.2s",
  ],
  [
    {
      kind: 'first_request',
      atMs: 0,
      node: 'web03',
      app: '/',
      path: '/cart',
      of: 'path',
      from: 'user',
      ms: 500,
    },
    "web03's worker is asked for /cart for the first time: a user waits 500ms",
  ],
  [
    {
      kind: 'first_request',
      atMs: 0,
      node: 'web03',
      app: '/',
      path: '/',
      of: 'wake',
      from: 'health',
      ms: 900,
    },
    "web03's suspended worker is resumed by a request for /: the balancer's health check waits 900ms",
  ],
  [
    { kind: 'idle', atMs: 0, node: 'web04', app: '/reports', action: 'terminate' },
    "web04's pool of /reports had nothing to do and was stopped",
  ],
  [
    { kind: 'outage', atMs: 0, toMs: 2500, target: 'web01', how: 'refused' },
    'web01 refuses connections for 2.5s',
  ],
  [
    { kind: 'outage', atMs: 0, toMs: 3000, target: 'balancer', how: 'gateway' },
    'the balancer recycles its own pool and answers errors for 3s',
  ],
  [
    { kind: 'shutdown_notice', atMs: 0, toMs: 800, node: 'web02', share: 0.5 },
    'web02 shuts its old application down; for 800ms some requests get an error',
  ],
  [
    {
      kind: 'balancer_error',
      atMs: 0,
      id: 'x',
      status: 502,
      node: 'web03',
      nodes: ['web03'],
      cause: 'cold_start',
      alsoRight: ['recycle'],
      firstByteMs: 2501,
    },
    'a probe got 502 from the balancer after 2.5s: because of web03, cold start',
  ],
  [
    {
      kind: 'balancer_error',
      atMs: 0,
      id: 'x',
      status: 0,
      node: 'balancer',
      nodes: ['balancer'],
      cause: 'balancer',
      alsoRight: [],
      firstByteMs: 9000,
    },
    'a probe was not answered by the balancer after 9s: its own doing',
  ],
  [
    { kind: 'rotation', atMs: 0, node: 'web01', inRotation: false },
    'the balancer took web01 out of rotation',
  ],
  [
    { kind: 'rotation', atMs: 0, node: 'web01', inRotation: true },
    'the balancer sends requests to web01 again',
  ],
  [
    { kind: 'weather', atMs: 0, toMs: 8000, addMs: 250 },
    'the network is slow for 8s: about 250ms more for every target',
  ],
  [{ kind: 'stall', atMs: 0, toMs: 1500 }, 'the prober does not run for 1.5s'],
  [
    { kind: 'deploy', atMs: 0, toMs: 1, nodes: ['web01', 'web02'] },
    'a new version goes to web01, web02, one after the other',
  ],
]

test.each(sentences)('%j is narrated in a sentence', (event, sentence) => {
  expect(narrate(event)).toBe(sentence)
})
