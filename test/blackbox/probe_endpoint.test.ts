/** /probe as the main thread answers it, with the real thread behind it. */
import { afterEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseTargetPattern } from '../../src/addresses/allowed_target.ts'
import { parseModules } from '../../src/blackbox/module/read_modules.ts'
import { createOnDemand, type OnDemand, timeLimitMs } from '../../src/blackbox/probe_endpoint.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { sampleFarm } from '../support/farms/sample_farm.ts'
import { metricsOf } from '../support/probes/probe_on_demand.ts'
import { never } from '../support/probes/probe_once.ts'
import { quietLog } from '../support/quiet_log.ts'
import { startHttpServer } from '../support/servers/http_server.ts'
import { startRawServer } from '../support/servers/raw_server.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

const entry = new URL('../../src/service/on_demand_entry.ts', import.meta.url)

const answers: string[] = []
const started: OnDemand[] = []
afterEach(async () => {
  answers.length = 0
  await Promise.all(started.splice(0).map((each) => each.stop()))
})

const modulesOf = (modules: object) => {
  const result = parseModules(stringify({ modules }), '/etc/farmprobe/bb.yml')
  if (!result.ok) throw new Error('wrong modules')
  return result.modules
}

function settingsOf(modules: object, allow: readonly string[], maxInFlight = 10) {
  const patterns = allow.map(parseTargetPattern).filter((pattern) => typeof pattern !== 'string')
  return { modules: modulesOf(modules), allow: patterns, timeoutOffsetMs: 500, maxInFlight }
}

const http_2xx = { prober: 'http', timeout: '5s' }

function start(
  modules: object = { http_2xx },
  allow: readonly string[] = ['127.0.0.1'],
  maxInFlight?: number,
): OnDemand {
  const onDemand = createOnDemand(settingsOf(modules, allow, maxInFlight), {
    entry,
    clock: systemClock,
    log: quietLog().log,
    onAnswer: (answer) => answers.push(answer),
  })
  started.push(onDemand)
  return onDemand
}

const nothing = { module: undefined, hostname: undefined, debug: false, scrapeTimeout: undefined }

const ask = (
  onDemand: OnDemand,
  target: string,
  more: Partial<Parameters<OnDemand['answer']>[0]> = {},
  signal = never,
) => onDemand.answer({ ...nothing, target, ...more }, signal)

describe('answers', () => {
  test('with metrics in the text format', async () => {
    await using site = await startHttpServer((_, response) => void response.end('hello'))
    const { status, contentType, text } = await ask(start(), `http://127.0.0.1:${site.port}`)
    expect({ status, contentType }).toEqual({
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    })
    expect(metricsOf(text)).toMatchObject({
      probe_success: 1,
      probe_http_uncompressed_body_length: 5,
      probe_timeout_seconds: 5,
    })
    expect(text).toContain('# TYPE probe_success gauge\nprobe_success 1\n')
  })

  test('with 200 and probe_success 0 whatever the target does', async () => {
    const { status, text } = await ask(start(), 'http://127.0.0.1:1')
    expect([status, metricsOf(text).probe_success]).toEqual([200, 0])
    const noUrl = await ask(start(), 'http://a b/')
    expect([noUrl.status, metricsOf(noUrl.text).probe_success]).toEqual([200, 0])
  })

  test('within the time that the scrape leaves', async () => {
    await using silent = await startRawServer(() => {})
    const startMs = performance.now()
    const { text } = await ask(start({ http_2xx: { prober: 'http' } }), `127.0.0.1:${silent.port}`, {
      scrapeTimeout: '0.8',
    })
    expect(performance.now() - startMs).toBeLessThan(3000)
    const metrics = metricsOf(text)
    expect(metrics).toMatchObject({ probe_success: 0, probe_timeout_seconds: 0.3, probe_http_status_code: 0 })
    expect(metrics['probe_http_duration_seconds{phase=processing}']).toBeGreaterThan(0.25)
  })

  test('with what happened, where it is asked for, and without secrets', async () => {
    await using site = await startHttpServer((_, response) => void response.writeHead(500).end())
    const module = { prober: 'http', http: { bearer_token: 'hush', headers: { 'X-Api-Key': 'hush' } } }
    const { contentType, text } = await ask(
      start({ m: module }),
      `http://me:hush@127.0.0.1:${site.port}/?token=hush`,
      {
        module: 'm',
        debug: true,
      },
    )
    expect(contentType).toBe('text/plain; charset=utf-8')
    expect(text).toMatch(/^Logs for the probe:\nts=\S+ module=m target=/)
    expect(text).toContain('msg="Invalid HTTP response status code, wanted 2xx" status_code=500\n')
    expect(text).toContain('\n\n\n\nMetrics that would have been returned:\n# HELP probe_')
    expect(text).toContain('\n\n\n\nModule configuration:\nprober: http\nhttp:\n  bearer_token: <secret>\n')
    expect(text).not.toContain('hush')
  })

  test('with the hostname as Host', async () => {
    await using site = await startHttpServer(
      ({ headers }, response) =>
        void response.writeHead(headers.host === 'shop.example.org' ? 200 : 400).end(),
    )
    const modules = { http_2xx, same: { prober: 'http', http: { headers: { host: 'shop.example.org' } } } }
    const onDemand = start(modules)
    for (const module of ['http_2xx', 'same']) {
      const { text } = await ask(onDemand, `127.0.0.1:${site.port}`, { module, hostname: 'shop.example.org' })
      expect(metricsOf(text).probe_success).toBe(1)
    }
  })
})

describe('refuses', () => {
  const modules = {
    http_2xx,
    host: { prober: 'http', http: { headers: { Host: 'a.example.org' } } },
    tcp_connect: { prober: 'tcp' },
  }
  test.each([
    ['an unknown module', { module: 'no"pe' }, 400, 'Unknown module "no\\"pe"\n'],
    [
      'a module that is not served',
      { module: 'tcp_connect' },
      400,
      'Module "tcp_connect" is not served: its prober is tcp; farmprobe probes http only.\n',
    ],
    [
      'a time-out that is none',
      { scrapeTimeout: 'soon' },
      400,
      'X-Prometheus-Scrape-Timeout-Seconds is "soon", which is no number.\n',
    ],
    ['no target', { target: undefined }, 400, 'Target parameter is missing\n'],
    ['an empty target', { target: '' }, 400, 'Target parameter is missing\n'],
    [
      'a contradicting hostname',
      { module: 'host', hostname: 'b.example.org' },
      400,
      'The hostname "b.example.org" contradicts the module, whose header Host is "a.example.org".\n',
    ],
    ['what is no hostname', { hostname: 'a\r\nX: y' }, 400, 'The hostname "a\\r\\nX: y" is none.\n'],
    [
      'a target that is not allowed',
      { target: 'http://me:hush@10.0.0.1/' },
      403,
      'The target "http://<secret>@10.0.0.1/" may not be probed: it is neither a host of a farm nor listed in blackbox.allow of the configuration.\n',
    ],
    [
      'a metadata service',
      { target: 'http://169.254.169.254/' },
      403,
      expect.stringContaining('may not be probed'),
    ],
  ])('%s', async (_what, question, status, text) => {
    const answered = await start(modules, ['127.0.0.1', '*.example.org']).answer(
      { ...nothing, target: 'http://127.0.0.1/', ...question },
      never,
    )
    expect(answered).toEqual({ status, contentType: 'text/plain; charset=utf-8', text })
  })

  test('more probes than may be under way, and takes the next when one is over', async () => {
    await using silent = await startRawServer(() => {})
    const onDemand = start({ http_2xx }, ['127.0.0.1'], 2)
    const target = `127.0.0.1:${silent.port}`
    const leaving = new AbortController()
    const two = [1, 2].map(() => ask(onDemand, target, {}, leaving.signal))
    const { status, text } = await ask(onDemand, target)
    expect([status, text]).toEqual([503, expect.stringMatching(/^2 probes on demand are under way/)])
    leaving.abort()
    await Promise.all(two)
    expect((await ask(onDemand, 'http://127.0.0.1:1')).status).toBe(200)
    expect((await ask(onDemand, 'http://10.0.0.1')).status).toBe(403)
    expect(answers).toEqual(['busy', 'broken', 'broken', 'probed', 'refused'])
  })
})

describe('changes', () => {
  test('of the farms change what may be probed', async () => {
    await using site = await startHttpServer((_, response) => void response.end())
    const onDemand = start({ http_2xx }, [])
    const target = `http://127.0.0.1:${site.port}/`
    expect((await ask(onDemand, target)).status).toBe(403)
    const node = {
      role: 'node' as const,
      name: 'web01',
      scheme: 'http' as const,
      host: '127.0.0.1',
      port: site.port,
    }
    onDemand.setFarms([{ ...sampleFarm(), nodes: [node] }])
    expect(metricsOf((await ask(onDemand, target)).text).probe_success).toBe(1)
    onDemand.setFarms([])
    expect((await ask(onDemand, target)).status).toBe(403)
  })

  test('of the modules hold from the next probe on', async () => {
    await using site = await startHttpServer((_, response) => void response.writeHead(404).end())
    const onDemand = start()
    const target = `http://127.0.0.1:${site.port}/`
    expect(metricsOf((await ask(onDemand, target)).text).probe_success).toBe(0)
    const modules = { http_2xx: { prober: 'http', http: { valid_status_codes: [404] } } }
    onDemand.configure(settingsOf(modules, ['127.0.0.1']))
    expect(metricsOf((await ask(onDemand, target)).text).probe_success).toBe(1)
  })
})

test('a scraper that leaves ends its probe', async () => {
  let closed = false
  await using silent = await startRawServer((socket) => void socket.on('close', () => (closed = true)))
  const leaving = new AbortController()
  const onDemand = start()
  const asked = ask(onDemand, `127.0.0.1:${silent.port}`, {}, leaving.signal)
  while (silent.requests.length === 0) await new Promise((next) => setImmediate(next))
  leaving.abort()
  expect((await asked).status).toBe(503)
  await silent.deserted()
  expect(closed).toBe(true)
})

test('a probe that does not end is ended with its thread, and the next has a new one', async () => {
  const numbers = JSON.stringify(Array.from({ length: 3000 }, (_, index) => index))
  await using site = await startHttpServer((_, response) => void response.end(numbers))
  const endless = 'body.all(a, body.all(b, body.all(c, body.all(d, a + b + c + d >= 0.0))))'
  const modules = {
    http_2xx,
    endless: { prober: 'http', http: { fail_if_body_json_not_matches_cel: endless } },
  }
  const clock = createSimulatedClock()
  const { log, lines } = quietLog()
  const onDemand = createOnDemand(settingsOf(modules, ['127.0.0.1']), {
    entry,
    clock,
    log,
    onAnswer: (answer) => answers.push(answer),
  })
  started.push(onDemand)
  const target = `http://127.0.0.1:${site.port}/`
  const asked = ask(onDemand, target, { module: 'endless', scrapeTimeout: '10' })
  while (site.asked.length === 0) await new Promise((next) => setImmediate(next))
  await clock.advance(20_000)
  expect(await asked).toMatchObject({ status: 503, text: expect.stringContaining('broken off') })
  expect(lines.join('')).toContain('a probe on demand does not end, so its thread is ended')
  expect(metricsOf((await ask(onDemand, target)).text).probe_success).toBe(1)
})

test.each([
  [0, '15', 500, 14_500],
  [0, '15', 0, 15_000],
  [20_000, '15', 500, 14_500],
  [20_000, '15', 0, 15_000],
  [5000, '15', 0, 5000],
  [5000, '15', 500, 5000],
  [10_000, undefined, 500, 10_000],
  [10_000, '10', 500, 9500],
  [9500, undefined, 500, 9500],
  [9500, undefined, 1000, 9500],
  [0, undefined, 500, 119_500],
  [0, '0', 500, 119_500],
  [5000, '0.3', 500, 5000],
  [0, '0.3', 500, 0],
  [0, '1', 500, 500],
  [0, '300', 500, 119_500],
])(
  'the time limit of a module of %d ms, the header %s and an offset of %d ms is %d ms',
  (moduleMs, header, offsetMs, limitMs) => {
    expect(timeLimitMs(moduleMs, header, offsetMs)).toBe(limitMs)
  },
)

test.each(['abc', '', ' ', 'NaN', 'Infinity', '5s'])('a scrape timeout of "%s" is no number', (header) => {
  expect(timeLimitMs(0, header, 500)).toBeUndefined()
})
