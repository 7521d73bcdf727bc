import { describe, expect, test } from 'vitest'
import type { Readings } from '../../../src/detect/monitor.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive } from '../../../src/web/live/live.ts'
import { sampleCheck, sampleFarm, sampleOutcome } from '../../support/farms/sample_farm.ts'
import { sampleApp, sampleNowMs } from '../../support/web/sample_web.ts'

const noTime = { ok: 0, unknown: 0, masked: 0, node_fault: 0, balancer_fault: 0, farm_down: 0 }

describe('/api/v1/farms', () => {
  test('tells what is probed, and nothing that could be a secret', async () => {
    const secret = sampleCheck({
      path: '/health?token=hunter2',
      headers: [['X-Key', 'hunter2']],
      authorization: 'Bearer hunter2',
      body: 'hunter2',
    })
    const farms = () => [sampleFarm({ checks: [secret] }, ['web01'])]
    const body = await (await sampleApp({ farms }).request('/api/v1/farms')).text()
    expect(body).not.toContain('hunter2')
    expect(JSON.parse(body)).toMatchObject({
      shard: null,
      changesAllowed: false,
      history: { kind: 'memory', oldestMs: sampleNowMs },
      farms: [
        {
          name: 'intranet',
          url: 'https://intranet.example.org',
          verdict: null,
          targets: [
            { role: 'balancer', target: 'balancer', scheme: 'https', address: '10.0.0.5:443' },
            { role: 'node', target: 'web01', checks: [{ check: 'home', baselineMs: null, last: null }] },
          ],
          checks: [{ name: 'home', method: 'GET', path: '/health', verdict: null, verdictSinceMs: null }],
        },
      ],
    })
  })

  test('tells how things stand: the worst verdict, baselines, outages and the newest probe', async () => {
    const readings: Readings = {
      baselines: [{ target: 'web01', check: 'home', baselineMs: 40.123, highMs: 60 }],
      verdicts: [
        { check: 'login', verdict: 'ok', sinceMs: 5, spentMs: noTime },
        { check: 'home', verdict: 'masked', sinceMs: 7, spentMs: noTime },
      ],
      openOutages: [{ target: 'web01', check: 'home', openedMs: 6 }],
      lastRecycles: [{ target: 'web01', atMs: 3 }],
      links: [{ target: 'web01', state: 'failing', okMs: 2, sinceMs: 4 }],
      incidents: [],
    }
    const live = createLive(systemClock)
    live.observe(sampleOutcome({ startedMs: 8, reason: 'refused', status: 0, detail: 'Nobody listens.' }))
    const app = sampleApp({
      live,
      farms: () => [sampleFarm({}, ['web01'])],
      readings: () => readings,
      inMaintenance: () => true,
    })
    const answer = (await (await app.request('/api/v1/farms')).json()) as { farms: object[] }
    expect(answer.farms[0]).toMatchObject({
      verdict: 'masked',
      maintenance: true,
      targets: [
        {},
        {
          lastRecycleMs: 3,
          checks: [
            {
              baselineMs: 40.12,
              highMs: 60,
              outageSinceMs: 6,
              last: { atMs: 8, proof: 'failure', reason: 'refused', detail: 'Nobody listens.' },
            },
          ],
        },
      ],
      checks: [{ verdict: 'masked', verdictSinceMs: 7 }],
    })
  })

  test('takes time in proportion to the nodes: 20,000 of them are a matter of a second', async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `web${index}`)
    const readings: Readings = {
      baselines: names.map((target) => ({ target, check: 'home', baselineMs: 40, highMs: 60 })),
      verdicts: [],
      openOutages: [],
      lastRecycles: names.map((target) => ({ target, atMs: 3 })),
      links: [],
      incidents: [],
    }
    const app = sampleApp({ farms: () => [sampleFarm({}, names)], readings: () => readings })
    const startedMs = performance.now()
    expect((await app.request('/api/v1/farms')).status).toBe(200)
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })
})
