import { describe, expect, test } from 'vitest'
import type { FarmEvent } from '../../../src/model/event.ts'
import { errorOf, recycleOf } from '../../support/farms/sample_events.ts'
import { sampleApp, sampleLive, sampleNowMs } from '../../support/web/sample_web.ts'

const minuteMs = 60_000
const common = { farm: 'intranet', maintenance: false } as const

const maintenance: FarmEvent = {
  ...common,
  kind: 'maintenance',
  atMs: sampleNowMs - 20 * minuteMs,
  active: true,
}
const recycle = recycleOf('web01', sampleNowMs - 10 * minuteMs)
const deploy: FarmEvent = {
  ...common,
  kind: 'deploy',
  atMs: sampleNowMs - 5 * minuteMs,
  targets: ['web01', 'web02'],
}

/** A service to which these have happened. */
function appAfter(...events: FarmEvent[]) {
  const live = sampleLive(60 * minuteMs)
  for (const event of events) live.record(event)
  return sampleApp({ live })
}

async function kindsOf(query: string): Promise<string[]> {
  const response = await appAfter(maintenance, recycle, deploy).request(`/api/v1/events${query}`)
  const { events } = (await response.json()) as { events: FarmEvent[] }
  return events.map(({ kind }) => kind)
}

describe('/api/v1/events', () => {
  test('are told with an id, a time and a sentence', async () => {
    const response = await appAfter(recycle).request('/api/v1/events')
    expect(await response.json()).toMatchObject({
      limited: false,
      blind: [],
      events: [
        {
          ...recycle,
          id: `${recycle.atMs}.recycle.web01`,
          at: '2026-02-03T03:55:06.000Z',
          sentence: 'web01 has a new worker: its identity changed (99 % sure)',
        },
      ],
    })
  })

  test.each([
    ['', ['maintenance', 'recycle', 'deploy']],
    ['?since=15m', ['recycle', 'deploy']],
    ['?since=15m&until=6m', ['recycle']],
    ['?node=web02', ['deploy']],
    ['?target=web01&farm=intranet', ['recycle', 'deploy']],
    ['?kind=recycle&kind=deploy', ['recycle', 'deploy']],
    ['?kind=recycle,maintenance', ['maintenance', 'recycle']],
    ['?limit=2', ['recycle', 'deploy']],
  ])('%s tells the right ones, the oldest first', async (query, kinds) => {
    expect(await kindsOf(query)).toEqual(kinds)
  })

  test.each([
    [
      'since=yesterday',
      'since="yesterday" is not a time: give a duration such as 15m, a time such as 2026-02-03T04:05:06Z, or a Unix time',
    ],
    ['until=soon', 'until="soon" is not a time'],
    ['since=5m&until=10m', 'since (2026-02-03T04:00:06.000Z) is later than until (2026-02-03T03:55:06.000Z)'],
    ['kind=reboot', 'kind="reboot" has a kind that is unknown; the kinds are recycle, stall, first_request'],
    ['limit=0', 'limit="0" is not a count: give a whole number from 1 to 10000'],
  ])('?%s is explained', async (query, sentence) => {
    const response = await appAfter().request(`/api/v1/events?${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringContaining(sentence) })
  })

  test('a farm that never was is not mistaken for a quiet one', async () => {
    expect((await appAfter().request('/api/v1/events?farm=intranet')).status).toBe(200)
    const response = await appAfter().request('/api/v1/events?farm=internet')
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: 'there is no farm "internet"; the farms are intranet' })
  })

  test('of a farm that was removed are still told', async () => {
    expect((await appAfter({ ...recycle, farm: 'old' }).request('/api/v1/events?farm=old')).status).toBe(200)
  })

  test('the id of an event is its own, and the probe that met it has another', async () => {
    const error = errorOf('web01', sampleNowMs - 1, { id: 'probe-7' })
    const response = await appAfter(error).request('/api/v1/events')
    expect(await response.json()).toMatchObject({
      events: [{ id: `${error.atMs}.balancer_error.probe-7`, probe: 'probe-7' }],
    })
  })
})
