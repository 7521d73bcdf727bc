import { describe, expect, test } from 'vitest'
import { sampleCheck, sampleFarm, sampleNode } from '../support/farms/sample_farm.ts'
import { sampleApp } from '../support/web/sample_web.ts'

describe('/sd', () => {
  test('lists the targets that are probed, for Prometheus', async () => {
    const nodes = [sampleNode('web01', { host: 'fd00::1', port: 8080, scheme: 'http' })]
    const checks = [sampleCheck({ targets: ['node'] }), sampleCheck({ name: 'login', targets: ['node'] })]
    const response = await sampleApp({ farms: () => [sampleFarm({ nodes, checks })] }).request('/sd')
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(await response.json()).toEqual([
      {
        targets: ['[fd00::1]:8080'],
        labels: {
          __meta_farmprobe_farm: 'intranet',
          __meta_farmprobe_role: 'node',
          __meta_farmprobe_target: 'web01',
          __meta_farmprobe_scheme: 'http',
          __meta_farmprobe_url: 'https://intranet.example.org',
          __meta_farmprobe_checks: ',home,login,',
        },
      },
    ])
  })

  test('follows the farms', async () => {
    let farms = [sampleFarm()]
    const app = sampleApp({ farms: () => farms })
    const length = async () => ((await (await app.request('/sd')).json()) as unknown[]).length
    expect([await length(), await length()]).toEqual([3, 3])
    farms = [sampleFarm({}, ['web01'])]
    expect(await length()).toBe(2)
  })

  test('is an empty list while there is no farm', async () => {
    expect(await (await sampleApp({ farms: () => [] }).request('/sd')).json()).toEqual([])
  })
})

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
