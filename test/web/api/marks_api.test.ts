import { describe, expect, test } from 'vitest'
import { jsonPost, sampleApp, sampleLive, sampleNowMs } from '../../support/web/sample_web.ts'

const path = '/api/v1/marks'
/** A service that may be written to. */
function writable() {
  const live = sampleLive(3_600_000)
  return sampleApp({ live, mark: live.marked })
}

describe('POST /api/v1/marks', () => {
  test('is refused unless it is enabled', async () => {
    const response = await sampleApp().request(path, jsonPost({ text: 'rebooted' }))
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({
      error: 'Writing on the timeline over HTTP is not enabled: start farmprobe with --web.enable-lifecycle.',
    })
  })

  test('writes on the timeline, where it can be read and given to Grafana', async () => {
    const app = writable()
    const mark = { text: 'set AlwaysRunning on web01', farm: 'intranet', target: 'web01' }
    const written = await app.request(path, jsonPost({ ...mark, at: '10m' }))
    expect(written.status).toBe(201)
    const atMs = sampleNowMs - 600_000
    expect(await written.json()).toMatchObject({ ...mark, atMs })
    const read = await app.request(`${path}?farm=intranet&since=1h`)
    expect(await read.json()).toMatchObject({ marks: [{ ...mark, atMs, at: '2026-02-03T03:55:06.000Z' }] })
    const grafana = await app.request(`${path}?format=grafana`)
    expect(await grafana.json()).toEqual([
      { time: atMs, title: 'mark', text: mark.text, tags: ['farmprobe', 'intranet', 'web01'] },
    ])
  })

  test('a mark without a farm concerns every farm', async () => {
    const app = writable()
    await app.request(path, jsonPost({ text: 'patched the switch', at: '1m' }))
    for (const query of ['', '?farm=intranet', '?farm=intranet&target=web01'])
      expect(await (await app.request(`${path}${query}`)).json()).toMatchObject({ marks: [{}] })
  })

  test.each([
    [400, jsonPost({}), 'not as expected'],
    [400, jsonPost({ text: '   ' }), 'not as expected'],
    [400, jsonPost({ text: 'x'.repeat(501) }), 'not as expected'],
    [400, jsonPost({ text: 'x', at: 'tomorrow' }), 'at: "tomorrow" is not a past time'],
    [400, jsonPost({ text: 'x', at: '2999-01-01T00:00:00Z' }), 'is not a past time'],
    [400, jsonPost({ text: 'x', target: 'web01' }), 'a target needs its farm'],
    [404, jsonPost({ text: 'x', farm: 'other' }), 'there is no farm "other"'],
    [404, jsonPost({ text: 'x', farm: 'intranet', target: 'web09' }), 'has no target "web09"'],
    [415, { ...jsonPost({ text: 'x' }), headers: { 'Content-Type': 'text/plain' } }, 'not JSON'],
  ])('answers %i to what it cannot write', async (status, request, sentence) => {
    const response = await writable().request(path, request)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.stringContaining(sentence) })
  })

  test('cannot be made by a page of another site', async () => {
    const request = jsonPost({ text: 'x' })
    const headers = { ...request.headers, 'Sec-Fetch-Site': 'cross-site' }
    expect((await writable().request(path, { ...request, headers })).status).toBe(403)
  })
})
