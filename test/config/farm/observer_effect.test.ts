import { describe, expect, test } from 'vitest'
import { observerWarnings, smallestGapMs } from '../../../src/config/farm/observer_effect.ts'
import { configOf } from '../../support/files/config_text.ts'

const nodes = 'nodes: [{ name: a, address: 10.0.0.1 }, { name: b, address: 10.0.0.2 }]'

async function warnings(checks: string, more = nodes): Promise<string[]> {
  const text = `farms: [{ name: intranet, url: "https://a.example", ${more}, checks: [${checks}] }]`
  return observerWarnings((await configOf(text)).farms)
}

const farm = (name: string, interval: string) =>
  `{ name: ${name}, url: "https://${name}.example", ${nodes}, checks: [{ name: home, interval: ${interval} }] }`

const canary = '{ name: canary, path: /reports, canary: true, cron: "0 */4 * * *" }'

describe('an interval that keeps idle pools awake', () => {
  test('is reported in one line, with the farms and the most requests', async () => {
    expect(await warnings('{ name: home }, { name: login, path: /login, interval: 10s }')).toEqual([
      'farm intranet: probing keeps application pools awake (540 requests a node within the idle time-out of 20m that ' +
        'IIS has by default), so that cold starts after idling are not seen; a check with canary: true shows them',
    ])
    const farms = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => farm(name, `${10 + index}s`))
    const { farms: seven } = await configOf(`farms: [${farms.join(', ')}]`)
    expect(observerWarnings(seven)).toEqual([
      expect.stringMatching(
        /^farms a, b, c, d, e and 2 more: probing keeps application pools awake \(180 requests/,
      ),
    ])
  })

  test('counts only what reaches the nodes', async () => {
    expect((await warnings('{ name: home, targets: [balancer] }'))[0]).toContain('(120 requests a node')
    expect((await warnings('{ name: home }', 'discover: { dns: { name: n } }'))[0]).toContain(
      '(480 requests a node',
    )
    expect(await warnings('{ name: home, targets: [balancer], interval: 15m }')).toEqual([])
    expect(await warnings('{ name: home, targets: [nodes], interval: 30m }')).toEqual([])
    expect(await warnings('{ name: home, cron: "*/10 * * * *", targets: [nodes] }')).toHaveLength(1)
  })

  test('is not reported for a farm of which only the balancer is known', async () => {
    expect(await warnings('{ name: home }', 'nodes: []')).toEqual([])
  })

  test('is not reported for a farm with a canary', async () => {
    expect(await warnings(`{ name: home }, ${canary}`)).toEqual([])
  })
})

test('a canary that comes before the pool can idle out measures nothing', async () => {
  expect(await warnings('{ name: canary, canary: true, cron: "*/15 8-17 * * *" }')).toEqual([
    'farm intranet: a canary comes before the pool can idle out: canary every 15m, and the idle time-out of 20m that ' +
      'IIS has by default is no shorter; write a cron with longer gaps, such as "0 */4 * * *"',
  ])
})

test('paths of files are served without the application', async () => {
  const checks = `{ name: a, path: /healthCheck.txt }, { name: b, path: "/logo.PNG?v=1" }, { name: c, path: /app.aspx }, ${canary}`
  expect(await warnings(checks)).toEqual([
    'farm intranet: a (/healthCheck.txt), b (/logo.PNG?v=1) look static: a web server answers such files without the ' +
      'application, which may be cold or down meanwhile; choose a page that the application makes',
  ])
})

describe('an answer that may come from a cache', () => {
  test('is reported where nothing prevents it', async () => {
    expect(await warnings(`{ name: home, cache_bust: false }, ${canary}`)).toEqual([
      'farm intranet: home (/) looks as if a cache could answer: without cache_bust, query and credentials the kernel ' +
        'of Windows or a proxy may answer while the application is down; write cache_bust: true, and keep the path ' +
        'out of the cache of Application Request Routing, which ignores queries',
    ])
  })

  test.each([
    'cache_bust: true',
    'cache_bust: false, path: "/?a=1"',
    'cache_bust: false, method: POST',
    'cache_bust: false, auth: { bearer: x }',
    'cache_bust: false, headers: { authorization: x }',
  ])('is not suspected with %s', async (keys) => {
    expect(await warnings(`{ name: home, ${keys} }, ${canary}`)).toEqual([])
  })
})

const minuteMs = 60_000

test.each([
  ['* * * * *', minuteMs],
  ['*/15 * * * *', 15 * minuteMs],
  ['0 */4 * * *', 240 * minuteMs],
  ['5,50 * * * *', 15 * minuteMs],
  ['0 23,1 * * *', 120 * minuteMs],
  ['0 3 * * 0', 1440 * minuteMs],
  ['@daily', 1440 * minuteMs],
  ['*/10 * * * * *', 10_000],
  ['* * * * * *', 1000],
])('%s runs every %d ms at the most', (cron, gapMs) => {
  expect(smallestGapMs(cron)).toBe(gapMs)
})
