import { describe, expect, test } from 'vitest'
import type { FarmEvent } from '../../src/model/event.ts'
import { sampleApp, sampleNowMs } from '../support/sample_ports.ts'

/** What the service is asked for, and answers with. */
function recording(found: FarmEvent[]) {
  const asked: unknown[] = []
  const events = (...question: unknown[]) => {
    asked.push(question)
    return found
  }
  return { asked, api: sampleApp({ events }) }
}

describe('/api/v1/events', () => {
  const event: FarmEvent = {
    kind: 'maintenance',
    atMs: sampleNowMs,
    farm: 'intranet',
    maintenance: true,
    active: true,
  }

  test('are all told when nothing narrows them down', async () => {
    const { asked, api } = recording([event])
    const response = await api.request('/api/v1/events')
    expect(await response.json()).toEqual({ events: [{ at: '2026-02-03T04:05:06.000Z', ...event }] })
    expect(asked).toEqual([[0, undefined]])
  })

  test('can be narrowed down to a farm and a time', async () => {
    const { asked, api } = recording([event])
    await api.request('/api/v1/events?since=15m&farm=intranet')
    expect(asked).toEqual([[sampleNowMs - 900_000, 'intranet']])
  })

  test('an unreadable time is explained', async () => {
    const response = await recording([]).api.request('/api/v1/events?since=yesterday')
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error:
        'since="yesterday" is no time: give a duration such as 15m, a time such as 2026-02-03T04:05:06Z, or a Unix time',
    })
  })

  test('a farm that never was is not mistaken for a quiet one', async () => {
    expect((await recording([]).api.request('/api/v1/events?farm=intranet')).status).toBe(200)
    const response = await recording([]).api.request('/api/v1/events?farm=internet')
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: 'there is no farm "internet"; the farms are intranet' })
  })

  test('of a farm that was removed are still told', async () => {
    const removed = { ...event, farm: 'old' }
    expect((await recording([removed]).api.request('/api/v1/events?farm=old')).status).toBe(200)
  })
})
