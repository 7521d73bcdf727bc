import { once } from 'node:events'
import { createServer } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { hashSync } from 'bcryptjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { BadWebConfig, openListeners } from '../../src/service/listeners.ts'
import { quietLog } from '../support/quiet_log.ts'
import { parseExposition } from '../support/rules/exposition.ts'
import { makeCertificate } from '../support/servers/certificates.ts'
import { tempDir } from '../support/temp_dir.ts'
import { samplePorts } from '../support/web/sample_web.ts'

const anywhere = { host: '127.0.0.1', port: 0 }

async function start(web: Config['web']) {
  const metrics = createMetrics({ clock: systemClock, version: '1.2.3' })
  const { log, lines } = quietLog()
  const ports = samplePorts({ render: metrics.render })
  const listeners = await openListeners(web, { ports, metrics, log, version: '1.2.3', clock: systemClock })
  onTestFinished(listeners.close)
  return { listeners, lines, metrics }
}

const paths = ['/', '/metrics', '/sd', '/-/healthy', '/-/ready', '/config', '/api/v1/farms']

const statuses = (url = '', headers = {}) =>
  Promise.all(paths.map(async (path) => (await fetch(url + path, { headers })).status))

test('one address serves everything', async () => {
  const { listeners } = await start(anywhere)
  expect(listeners.others).toEqual({})
  expect(await statuses(listeners.url)).toEqual([200, 200, 200, 200, 200, 200, 200])
})

test('metrics and health have addresses of their own, and the metrics no other', async () => {
  const { listeners } = await start({ ...anywhere, metrics: anywhere, health: anywhere })
  expect(await statuses(listeners.url)).toEqual([200, 404, 404, 200, 200, 200, 200])
  expect(await statuses(listeners.others['web.metrics_listen'])).toEqual([404, 200, 200, 404, 404, 404, 404])
  expect(await statuses(listeners.others['web.health_listen'])).toEqual([404, 404, 404, 200, 200, 404, 404])
})

test('an address that is taken is named by its setting, and no other is left open', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const main = { host: '127.0.0.1', port: (free.address() as { port: number }).port }
  await new Promise((resolve) => free.close(resolve))
  await expect(start({ ...main, health: { host: '127.0.0.1', port } })).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port} (web.health_listen): another process listens there; stop it or choose another port`,
  )
  await expect(fetch(`http://127.0.0.1:${main.port}/`)).rejects.toThrow('fetch failed')
  other.close()
})

/** The value of one series of /metrics, with the reason `why` when it has one. */
async function valueOf(metrics: Metrics, name: string, why?: string) {
  let text = ''
  for await (const chunk of metrics.render(undefined).chunks) text += chunk
  return parseExposition(text).find((sample) => sample.name === name && sample.labels['why'] === why)?.value
}

const okOf = (metrics: Metrics) => valueOf(metrics, 'farmprobe_web_config_last_reload_successful')

describe('a web configuration', () => {
  const users = `basic_auth_users: { alice: "${hashSync('x', 4)}" }`
  const alice = { Authorization: `Basic ${btoa('alice:x')}` }
  test('protects the page and the metrics, but not health', async () => {
    await using dir = await tempDir()
    const configFile = await dir.write('web.yml', users)
    const { listeners, metrics } = await start({
      ...anywhere,
      metrics: anywhere,
      health: anywhere,
      configFile,
    })
    expect(new Set(await statuses(listeners.url))).toEqual(new Set([401]))
    expect(new Set(await statuses(listeners.others['web.metrics_listen']))).toEqual(new Set([401]))
    expect((await statuses(listeners.url, alice))[0]).toBe(200)
    expect((await statuses(listeners.others['web.health_listen']))[3]).toBe(200)
    expect(await valueOf(metrics, 'farmprobe_web_turned_away_total', 'no_password')).toBe(2 * paths.length)
  })

  test('that is invalid keeps every listener closed', async () => {
    await using dir = await tempDir()
    const configFile = await dir.write('web.yml', 'basic_auth_users: { alice: x }')
    await expect(start({ ...anywhere, configFile })).rejects.toThrow(BadWebConfig)
  })

  test('that becomes invalid keeps its last valid state, with a log line and a metric', async () => {
    await using dir = await tempDir()
    const configFile = await dir.write('web.yml', users)
    const { listeners, lines, metrics } = await start({ ...anywhere, configFile })
    expect(await okOf(metrics)).toBe(1)
    await dir.write('web.yml', 'basic_auth_users: [')
    expect((await statuses(listeners.url))[0]).toBe(401)
    expect((await statuses(listeners.url, alice))[0]).toBe(200)
    expect(await okOf(metrics)).toBe(0)
    await dir.write('web.yml', '{}')
    expect((await statuses(listeners.url))[0]).toBe(200)
    expect(await okOf(metrics)).toBe(1)
    const told = lines.map((line) => line.replaceAll(configFile, 'web.yml'))
    expect(
      told.map((line) => JSON.parse(line) as { self: string; level: string; msg: string }),
    ).toMatchObject([
      {
        level: 'error',
        self: 'web_config_refused',
        msg: expect.stringContaining('the old web configuration stays: web.yml:') as string,
      },
      { level: 'info', self: 'web_config', msg: 'the web configuration has changed' },
    ])
  })
})

describe('TLS in the web configuration', () => {
  const pem = 'cert_file: cert.pem, key_file: key.pem'

  /** What a client that offers this much agrees on with a server that is configured so; the error when nothing. */
  async function agreed(more: string, client: ConnectionOptions) {
    await using dir = await tempDir()
    const pair = await makeCertificate()
    await dir.write('cert.pem', pair.cert)
    await dir.write('key.pem', pair.key)
    const configFile = await dir.write('web.yml', `tls_server_config: { ${pem}${more} }`)
    const { listeners } = await start({ ...anywhere, configFile })
    const socket = connectTls({
      port: Number(new URL(listeners.url).port),
      rejectUnauthorized: false,
      ...client,
    })
    try {
      await once(socket, 'secureConnect')
      const { name = '' } = socket.getEphemeralKeyInfo() as { name?: string }
      return `${socket.getProtocol()} ${socket.getCipher().standardName} ${name}`
    } catch {
      return 'nothing'
    } finally {
      socket.destroy()
    }
  }
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const
  const tls12 = { maxVersion: 'TLSv1.2' } as const
  const aes128 = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'
  const aes256 = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'
  const both = { ...tls12, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256' }

  test.each([
    ['', old, /^nothing$/],
    [', min_version: TLS10', old, /^TLSv1\.1 /],
    [', min_version: TLS10, max_version: TLS10', old, /^TLSv1 /],
    [', min_version: TLS13', tls12, /^nothing$/],
    ['', {}, /^TLSv1\.3 /],
    [`, cipher_suites: [${aes128}]`, both, /^TLSv1\.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 /],
    [`, cipher_suites: [${aes128}]`, { ...tls12, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }, /^nothing$/],
    [
      `, cipher_suites: [${aes128}]`,
      { ciphers: 'TLS_AES_256_GCM_SHA384' },
      /^TLSv1\.3 TLS_AES_256_GCM_SHA384 /,
    ],
    [`, cipher_suites: [${aes128}, ${aes256}]`, both, /AES_128/],
    [`, cipher_suites: [${aes128}, ${aes256}], prefer_server_cipher_suites: false`, both, /AES_256/],
    [', curve_preferences: [CurveP384]', { ecdhCurve: 'X25519:P-384' }, / secp384r1$/],
    [', curve_preferences: [CurveP384]', { ecdhCurve: 'X25519' }, /^nothing$/],
  ] as const)('"%s", with a client of %o, gives %s', async (more, client, outcome) => {
    expect(await agreed(more, client)).toMatch(outcome)
  })
})
