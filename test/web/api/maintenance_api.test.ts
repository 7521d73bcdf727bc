import { describe, expect, test } from 'vitest'
import { jsonPost, sampleApp } from '../../support/web/sample_web.ts'

describe('POST /api/v1/maintenance', () => {
  test('is refused unless it is enabled', async () => {
    const response = await sampleApp().request(
      '/api/v1/maintenance',
      jsonPost({ farm: 'intranet', for: '1h' }),
    )
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({
      error: 'Declaring maintenance over HTTP is not enabled: start farmprobe with --web.enable-lifecycle.',
    })
  })

  test.each([
    ['1h', 3_600_000, true],
    ['0s', 0, false],
  ])('for %s declares %i ms', async (text, durationMs, active) => {
    const declared: unknown[] = []
    const maintain = (...declaration: unknown[]) => declared.push(declaration) > 0
    const response = await sampleApp({ maintain }).request(
      '/api/v1/maintenance',
      jsonPost({ farm: 'intranet', for: text }),
    )
    expect(await response.json()).toEqual({ farm: 'intranet', maintenance: active })
    expect(declared).toEqual([['intranet', durationMs]])
  })

  test.each([
    [404, jsonPost({ farm: 'internet', for: '1h' }), 'there is no farm "internet"; the farms are intranet'],
    [400, jsonPost({ farm: 'intranet', for: 'long' }), 'for: "long" is not a duration'],
    [400, jsonPost({ farm: 'intranet' }), 'not as expected'],
    [400, { ...jsonPost({}), body: '{' }, 'not as expected'],
    [415, { ...jsonPost({}), headers: { 'Content-Type': 'text/plain' } }, 'not JSON'],
  ])('answers %i to what it cannot do', async (status, request, sentence) => {
    const response = await sampleApp({ maintain: () => false }).request('/api/v1/maintenance', request)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.stringContaining(sentence) })
  })

  test('takes no body beyond the limit', async () => {
    const request = jsonPost({ farm: 'x'.repeat(70_000), for: '1h' })
    const headers = { ...request.headers, 'Content-Length': `${request.body.length}` }
    const response = await sampleApp({ maintain: () => true }).request('/api/v1/maintenance', {
      ...request,
      headers,
    })
    expect(response.status).toBe(413)
  })
})
