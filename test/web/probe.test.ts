import { expect, test } from 'vitest'
import { sampleApp } from '../support/web/sample_web.ts'

test('/probe passes on what is asked for, and what is answered', async () => {
  const asked: unknown[] = []
  const app = sampleApp({
    onDemand: async (question) => {
      asked.push(question)
      return { status: 503, contentType: 'text/x-any', text: 'too many\n' }
    },
  })
  const response = await app.request(
    '/probe?target=http%3A%2F%2Fa%2F%3Fb%3Dc%2Bd&module=m&hostname=h&debug=true',
    {
      headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '10' },
    },
  )
  expect([response.status, response.headers.get('Content-Type'), await response.text()]).toEqual([
    503,
    'text/x-any',
    'too many\n',
  ])
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
  await app.request('/probe')
  expect(asked).toEqual([
    { target: 'http://a/?b=c+d', module: 'm', hostname: 'h', debug: true, scrapeTimeout: '10' },
    { target: undefined, module: undefined, hostname: undefined, debug: false, scrapeTimeout: undefined },
  ])
  expect((await app.request('/probe', { method: 'POST' })).status).toBe(405)
  const fromElsewhere = await app.request('/probe?target=a', { headers: { 'Sec-Fetch-Site': 'cross-site' } })
  expect([fromElsewhere.status, asked.length]).toEqual([403, 2])
})
