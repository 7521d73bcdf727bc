import { describe, expect, test } from 'vitest'
import type { Live } from '../../../src/web/live/live.ts'
import { recycleOf } from '../../support/farms/sample_events.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'
import { sampleApp, sampleLive, sampleNowMs } from '../../support/web/sample_web.ts'

const minuteMs = 60_000
/** 04:05:06 is six seconds into a minute. */
const thisMinuteMs = sampleNowMs - 6000

/** A service that has run for an hour and a half and has seen what `see` shows it. */
function appThatSaw(see: (live: Live) => void) {
  const live = sampleLive(90 * minuteMs)
  see(live)
  return { live, app: sampleApp({ live }) }
}

async function answerOf<T>(app: ReturnType<typeof sampleApp>, path: string): Promise<T> {
  return (await (await app.request(path)).json()) as T
}

describe('/api/v1/strips', () => {
  test('tell of each minute of the last hour, and of recycles and stalls', async () => {
    const { app } = appThatSaw((live) => {
      live.observe(sampleOutcome({ startedMs: thisMinuteMs + 1, firstByteMs: 12 }))
      live.observe(sampleOutcome({ startedMs: thisMinuteMs + 2, reason: 'refused' }))
      live.record(recycleOf('web01', thisMinuteMs - minuteMs))
      const about = { atMs: thisMinuteMs - minuteMs, farm: 'intranet', target: 'web01', maintenance: false }
      live.record({ kind: 'stall', ...about, lengthMs: 40_000, probes: 3 })
    })
    const { sinceMs, stepMs, strips } = await answerOf<{
      sinceMs: number
      stepMs: number
      strips: Record<string, unknown[]>[]
    }>(app, '/api/v1/strips')
    expect([sinceMs, stepMs]).toEqual([thisMinuteMs - 60 * minuteMs, minuteMs])
    expect(strips).toHaveLength(1)
    expect(strips[0]).toMatchObject({
      farm: 'intranet',
      target: 'web01',
      reasons: { 60: 'refused' },
      recycledAtMs: [thisMinuteMs - minuteMs],
      stalls: [{ atMs: thisMinuteMs - minuteMs, lengthMs: 40_000 }],
    })
    expect([strips[0]?.probes?.length, strips[0]?.probes?.[60], strips[0]?.failures?.[60]]).toEqual([
      61, 2, 1,
    ])
  })

  test.each(['since=0', 'until=9999-12-31T23:59:59Z', 'since=0&until=8640000000000000'])(
    'never have more cells than fit, also for %s',
    async (span) => {
      const { app } = appThatSaw((live) => live.observe(sampleOutcome({ startedMs: thisMinuteMs })))
      const { strips } = await answerOf<{ strips: { probes: number[] }[] }>(app, `/api/v1/strips?${span}`)
      expect(strips[0]?.probes.length ?? 0).toBeLessThanOrEqual(61)
    },
  )

  test('of a farm that is not there are refused', async () => {
    expect((await sampleApp().request('/api/v1/strips?farm=other')).status).toBe(404)
  })
})

describe('/api/v1/series', () => {
  test('tells of steps with quantiles and phases, and of every probe', async () => {
    const { app } = appThatSaw((live) => {
      for (const firstByteMs of [10, 20, 30, 4000])
        live.observe(sampleOutcome({ startedMs: thisMinuteMs - firstByteMs, firstByteMs }))
      live.observe(sampleOutcome({ startedMs: thisMinuteMs - 5, lane: 'burst', firstByteMs: 9999 }))
    })
    const answer = await answerOf<{ steps: object[]; probes: object[] }>(
      app,
      '/api/v1/series?farm=intranet&target=web01',
    )
    expect(answer).toMatchObject({ check: 'home', stepMs: minuteMs, baselineMs: null })
    expect(answer.steps).toEqual([
      {
        atMs: thisMinuteMs - minuteMs,
        probes: 5,
        failures: 0,
        reasons: {},
        firstByteMs: { p50: expect.closeTo(20, 0), p95: 4000, max: 4000 },
        phaseMs: { connect: 1, tls: 2, request: 0.5, wait: 40, transfer: 1.5 },
      },
    ])
    expect(answer.probes).toHaveLength(5)
  })

  test.each([
    [400, '?farm=intranet', 'name a farm and a target'],
    [404, '?farm=intranet&target=web09', 'farm "intranet" has no target "web09"'],
    [404, '?farm=intranet&target=web01&check=login', 'web01 has no check "login"; it has home'],
    [404, '?farm=other&target=web01', 'there is no farm "other"'],
  ])('answers %i to %s', async (status, query, sentence) => {
    const response = await sampleApp().request(`/api/v1/series${query}`)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.stringContaining(sentence) })
  })

  test('a span of years costs no more than what is remembered', async () => {
    const { app } = appThatSaw((live) => live.observe(sampleOutcome({ startedMs: thisMinuteMs })))
    const { steps } = await answerOf<{ steps: object[] }>(
      app,
      '/api/v1/series?farm=intranet&target=web01&since=0',
    )
    expect(steps).toHaveLength(1)
  })
})

describe('/api/v1/failures', () => {
  test('are told with their evidence, the newest first, as many as wanted', async () => {
    const evidence = { statusText: 'Bad', headers: [['Server', '<b>']] as const, bodyStart: '<script>' }
    const { app } = appThatSaw((live) => {
      live.observe(sampleOutcome({ id: 'good', startedMs: thisMinuteMs }))
      live.observe(sampleOutcome({ id: 'old', traceId: 'abc', startedMs: thisMinuteMs, reason: 'refused' }))
      live.observe(
        sampleOutcome({ id: 'new', startedMs: thisMinuteMs + 1, reason: 'status', status: 502, evidence }),
      )
      live.observe(sampleOutcome({ id: 'ours', startedMs: thisMinuteMs, reason: 'internal' }))
    })
    const { failures } = await answerOf<{ failures: { id: string }[] }>(app, '/api/v1/failures?farm=intranet')
    expect(failures.map(({ id }) => id)).toEqual(['new', 'old'])
    expect(failures[0]).toMatchObject({
      status: 502,
      evidence: { headers: [{ name: 'Server', value: '<b>' }], bodyStart: '<script>' },
    })
    expect(failures).toMatchObject([{ traceId: null }, { traceId: 'abc' }])
    const one = await answerOf<{ failures: object[] }>(app, '/api/v1/failures?limit=1&target=web01')
    expect(one.failures).toHaveLength(1)
    const none = await answerOf<{ failures: object[] }>(app, '/api/v1/failures?target=web02')
    expect(none.failures).toEqual([])
  })
})

describe('memory', () => {
  test('is bounded: the oldest minutes, probes and failures go', async () => {
    const { live, app } = appThatSaw((live) => {
      for (let second = 0; second < 4 * 3600; second++)
        live.observe(
          sampleOutcome({ startedMs: thisMinuteMs - 4 * 3600_000 + second * 1000, reason: 'refused' }),
        )
    })
    const span = { sinceMs: 0, untilMs: sampleNowMs }
    expect(live.recent.steps(span, {}, minuteMs)[0]?.steps).toHaveLength(181)
    expect(live.recent.failures(span, {}, 10_000)).toHaveLength(500)
    expect(live.recent.probes({ farm: 'intranet', target: 'web01', check: 'home' }, span)).toHaveLength(300)
    expect((await app.request('/api/v1/failures')).status).toBe(200)
  })

  test('goes on counting by minutes when the wall clock is set back', () => {
    const { live } = appThatSaw((live) => {
      for (let second = 0; second < 7200; second += 5)
        live.observe(
          sampleOutcome({
            startedMs: thisMinuteMs - 3_600_000 - (second < 3600 ? 0 : 1800_000) + second * 1000,
          }),
        )
    })
    const [series] = live.recent.steps({ sinceMs: 0, untilMs: sampleNowMs + 7_200_000 }, {}, minuteMs)
    expect(series?.steps.map(({ probes }) => probes)).toEqual([
      ...Array<number>(30).fill(12),
      ...Array<number>(30).fill(24),
      ...Array<number>(30).fill(12),
    ])
  })

  test('forgets targets that have left', () => {
    const { live } = appThatSaw((live) => live.observe(sampleOutcome({ target: 'web09' })))
    live.setFarms([])
    expect(live.recent.steps({ sinceMs: 0, untilMs: sampleNowMs }, {}, minuteMs)).toEqual([])
  })
})
