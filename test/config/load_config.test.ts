import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load_config.ts'
import type { Check } from '../../src/model/farm.ts'
import { checkOf, configOf, withCheck } from '../support/files/config_text.ts'

const contractExample = `
web:
  listen: 0.0.0.0:9502
  config_file: web.yml
journal: { path: data/farmprobe.db, keep: 90d }
defaults: { interval: 5s, timeout: 30s }
farms:
  - name: intranet
    url: https://intranet.example.org
    address: 10.0.0.5:443
    nodes:
      - { name: web01, address: 10.0.0.11 }
      - { name: web02, address: "10.0.0.12:8080", scheme: http }
    discover:
      dns:  { name: nodes.intranet.example.org, refresh: 30s }
      file: { path: nodes/*.yaml }
    identity: { header: X-Worker }
    served_by: { header: X-Node }
    maintenance: [ { cron: "0 3 * * 0", timezone: Europe/London, for: 1h } ]
    checks:
      - name: home
        path: /
        method: GET
        interval: 5s
        timeout: 30s
        overlap: 4
        connection: fresh
        cache_bust: true
        redirects: none
        targets: [balancer, nodes]
        expect:
          status: [200-399]
          body: { contains: Welcome, not_contains: [], match: [], not_match: [], min_bytes: 1, max_bytes: 256KiB }
          headers: { Content-Type: text/html }
          warming: { contains: "starting up" }
        burst: { interval: 250ms, for: 30s }
`

/** The defaults that are built in. */
const plainCheck: Check = {
  name: 'home',
  path: '/',
  method: 'GET',
  headers: [],
  tls: { insecure: false, minVersion: 'TLSv1.2' },
  schedule: { kind: 'interval', intervalMs: 5000 },
  timeoutMs: 30_000,
  overlap: 4,
  connection: 'fresh',
  cacheBust: true,
  trace: false,
  redirects: 'none',
  targets: ['balancer', 'node'],
  expect: {
    status: [[200, 399]],
    body: { contains: [], notContains: [], match: [], notMatch: [], minBytes: 0, maxBytes: 1_048_576 },
    headers: [],
  },
  burst: { intervalMs: 250, forMs: 30_000 },
  canary: false,
}

test('the example of the contract means what it says', async () => {
  const { redacted, ...config } = await configOf(contractExample)
  expect(config).toEqual({
    web: { host: '0.0.0.0', port: 9502, configFile: '/etc/farmprobe/web.yml' },
    journal: { path: 'data/farmprobe.db', keepMs: 90 * 86_400_000 },
    incidents: { quietMs: 60_000 },
    receivers: [],
    was: { push: false },
    blackbox: { allow: [], timeoutOffsetMs: 500, maxInFlight: 200 },
    warnings: [],
    farms: [
      {
        discover: {
          maxNodes: 1000,
          dns: {
            name: 'nodes.intranet.example.org',
            family: 'both',
            refreshMs: 30_000,
            scheme: 'https',
            port: 443,
          },
          file: {
            folder: '/etc/farmprobe',
            pattern: 'nodes/*.yaml',
            maxNodes: 1000,
            site: { scheme: 'https', hostname: 'intranet.example.org', port: 443 },
          },
        },
        farm: {
          name: 'intranet',
          site: { scheme: 'https', hostname: 'intranet.example.org', port: 443 },
          balancer: { role: 'balancer', name: 'balancer', scheme: 'https', host: '10.0.0.5', port: 443 },
          nodes: [
            { role: 'node', name: 'web01', scheme: 'https', host: '10.0.0.11', port: 443 },
            { role: 'node', name: 'web02', scheme: 'http', host: '10.0.0.12', port: 8080 },
          ],
          servedBy: { header: 'X-Node' },
          maintenance: [{ cron: '0 3 * * 0', timezone: 'Europe/London', durationMs: 3_600_000 }],
          checks: [
            {
              ...plainCheck,
              identity: { header: 'X-Worker' },
              expect: {
                ...plainCheck.expect,
                body: { ...plainCheck.expect.body, contains: ['Welcome'], minBytes: 1, maxBytes: 262_144 },
                headers: [{ name: 'Content-Type', pattern: 'text/html' }],
                warming: { contains: ['starting up'], match: [] },
              },
            },
          ],
        },
      },
    ],
  })
  expect(redacted).toContain('url: https://intranet.example.org')
})

test('a name and a url are enough: one check of the home page, with the defaults that are built in', async () => {
  const config = await configOf('farms: [{ name: intranet, url: "http://intranet.example.org:8080/" }]')
  expect(config.web).toEqual({ host: '0.0.0.0', port: 9502 })
  expect(config.journal).toEqual({ path: 'data/farmprobe.db', keepMs: 90 * 86_400_000 })
  expect(config.farms).toEqual([
    {
      farm: {
        name: 'intranet',
        site: { scheme: 'http', hostname: 'intranet.example.org', port: 8080 },
        balancer: {
          role: 'balancer',
          name: 'balancer',
          scheme: 'http',
          host: 'intranet.example.org',
          port: 8080,
        },
        nodes: [],
        maintenance: [],
        checks: [plainCheck],
      },
    },
  ])
})

/** The check that these keys of `defaults` and of a check make. */
const merged = async (defaults: string, check: string) => {
  const files = { '/etc/farmprobe/b.txt': 'from b.txt' }
  const config = await configOf(`defaults: ${defaults}\n${withCheck(check)}`, { files })
  return config.farms[0]?.farm.checks[0]
}

describe('defaults', () => {
  test('a check takes what it does not say from them, mappings key by key', async () => {
    const check = await merged(
      '{ timeout: 9s, headers: { accept: text/css, X-Trace: a }, expect: { status: 200, body: { min_bytes: 5 } } }',
      'headers: { Accept: text/html }, expect: { body: { max_bytes: 10MB } }',
    )
    expect(check?.timeoutMs).toBe(9000)
    expect(check?.headers).toEqual([
      ['Accept', 'text/html'],
      ['X-Trace', 'a'],
    ])
    expect(check?.expect).toMatchObject({ status: [[200, 200]], body: { minBytes: 5, maxBytes: 10_000_000 } })
  })

  test('of settings that exclude each other the nearer one wins', async () => {
    const check = await merged(
      '{ method: POST, body: a, auth: { bearer: token } }',
      'body_file: b.txt, auth: { basic: { username: u, password: p } }',
    )
    expect(check?.body).toBe('from b.txt')
    expect(check?.authorization).toMatch(/^Basic /)
    const other = await merged('{ cron: "0 6 * * *", timezone: Europe/Paris }', 'interval: 1s')
    expect(other?.schedule).toEqual({ kind: 'interval', intervalMs: 1000 })
    const third = await merged('{ interval: 10s, timezone: Europe/Paris }', 'cron: "0 6 * * *"')
    expect(third?.schedule).toEqual({ kind: 'cron', cron: '0 6 * * *', timezone: 'Europe/Paris' })
  })

  test('a burst can be switched off for all and on again for one', async () => {
    expect((await merged('{ burst: off }', 'path: /'))?.burst).toBeUndefined()
    expect((await merged('{ burst: false }', 'burst: { interval: 1s }'))?.burst).toEqual({
      intervalMs: 1000,
      forMs: 30_000,
    })
  })
})

describe('a default burst that makes no sense is left out', () => {
  test.each(['interval: 250ms', 'interval: 100ms', 'cron: "0 */4 * * *", canary: true'])(
    'with %s',
    async (keys) => {
      expect((await checkOf(keys)).burst).toBeUndefined()
    },
  )
})

describe('the environment', () => {
  const env = {
    INTERVAL: '2s',
    OVERLAP: '7',
    FLAG: 'false',
    EMPTY: '',
    PASSWORD: '007 "x": [',
    STATUS: '200-204',
  }

  test('gives values of every type', async () => {
    const check = await checkOf(
      'interval: "${INTERVAL}", overlap: "${OVERLAP}", cache_bust: "${FLAG}", timeout: "${NONE:-3s}", expect: { status: "${STATUS}" }',
      { env },
    )
    expect(check).toMatchObject({
      schedule: { intervalMs: 2000 },
      overlap: 7,
      cacheBust: false,
      timeoutMs: 3000,
      expect: { status: [[200, 204]] },
    })
  })

  test('never changes the structure, whatever a value holds', async () => {
    const check = await checkOf('auth: { basic: { username: u, password: "${PASSWORD}" } }', { env })
    expect(check.authorization).toBe(`Basic ${Buffer.from('u:007 "x": [').toString('base64')}`)
  })

  test('a default stands in for an empty variable, a doubled dollar is one, others stay', async () => {
    const headers = (await checkOf('headers: { X-A: "${EMPTY:-x}/$${EMPTY}/$5/${EMPTY}" }', { env })).headers
    expect(headers).toEqual([['X-A', 'x/${EMPTY}/$5/']])
  })
})

describe('secrets in files', () => {
  const files = {
    '/etc/farmprobe/secrets/password': 'hunter2\n',
    '/run/token': 'abc.def\r\n',
    '/etc/farmprobe/order.json': '{"a":1}\n',
  }

  test('are found beside the configuration file, or anywhere, and lose the last line break', async () => {
    const basic = await checkOf('auth: { basic: { username: u, password_file: secrets/password } }', {
      files,
    })
    expect(basic.authorization).toBe(`Basic ${Buffer.from('u:hunter2').toString('base64')}`)
    const bearer = await checkOf('auth: { bearer_file: /run/token }', { files })
    expect(bearer.authorization).toBe('Bearer abc.def')
  })

  test('a body is sent as it is in its file', async () => {
    expect((await checkOf('method: POST, body_file: order.json', { files })).body).toBe('{"a":1}\n')
  })
})

test('IPv6 addresses are read with and without brackets', async () => {
  const config = await configOf(`
web: { listen: "[::]:0" }
farms:
  - name: six
    url: https://[2001:db8::1]:8443
    nodes:
      - { address: "[2001:db8::2]:8080", scheme: http }
      - { address: "2001:db8::3" }
      - { address: "[2001:db8::4]" }
`)
  expect(config.web).toEqual({ host: '::', port: 0 })
  const farm = config.farms[0]?.farm
  expect(farm?.balancer).toMatchObject({ host: '2001:db8::1', port: 8443 })
  expect(farm?.nodes).toEqual([
    { role: 'node', name: '[2001:db8::2]:8080', scheme: 'http', host: '2001:db8::2', port: 8080 },
    { role: 'node', name: '2001:db8::3', scheme: 'https', host: '2001:db8::3', port: 8443 },
    { role: 'node', name: '2001:db8::4', scheme: 'https', host: '2001:db8::4', port: 8443 },
  ])
})

test('anchors and aliases share what is written once', async () => {
  const config = await configOf(
    `${withCheck('headers: &h { Accept: text/html }')}      - { name: other, path: /other, headers: *h }\n`,
  )
  expect(config.farms[0]?.farm.checks.map(({ headers }) => headers)).toEqual([
    [['Accept', 'text/html']],
    [['Accept', 'text/html']],
  ])
})

describe('the files that are shipped', () => {
  test.each(['config/farmprobe.yaml', 'config/minimal.yaml'])(
    '%s has neither problem nor warning',
    async (file) => {
      const result = await loadConfig(file, {})
      expect(result).toMatchObject({ ok: true, config: { warnings: [] } })
    },
  )
})

test('probes on demand: module file, allowed targets and limits', async () => {
  const { blackbox } = await configOf(`
blackbox: { modules: bb.yml, allow: ["*.example.org", "https://a.example.org/app/"], timeout_offset: 1s, max_in_flight: 5 }
farms: [{ name: intranet, url: "https://intranet.example.org" }]
`)
  expect(blackbox).toEqual({
    modulesFile: '/etc/farmprobe/bb.yml',
    allow: [{ host: '*.example.org' }, { scheme: 'https', host: 'a.example.org', port: 443, path: '/app/' }],
    timeoutOffsetMs: 1000,
    maxInFlight: 5,
  })
})
