import { describe, expect, test } from 'vitest'
import { httpModule, probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { makeCertificate } from '../support/servers/certificates.ts'
import { type Serve, startHttpServer } from '../support/servers/http_server.ts'
import { startRawServer } from '../support/servers/raw_server.ts'
import { tempDir } from '../support/temp_dir.ts'
import { rows } from './conformance_rows.ts'

/** The exporter's tests make modules without a file, so that what is on by default is off. */
const bare = { follow_redirects: false, enable_http2: false }

const ok: Serve = (_, response) => void response.end()

describe('as in the tests of the exporter itself:', () => {
  test.each(rows)('$id', async ({ serve, http, success, metrics = {} }) => {
    await using site = await startHttpServer(serve)
    const probed = await probeOnDemand(`http://127.0.0.1:${site.port}`, { http: { ...bare, ...http } })
    const expected = { probe_success: success ? 1 : 0, ...metrics }
    const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, probed.metrics[name]]))
    expect({ ...seen, log: probed.log }).toEqual({ ...expected, log: probed.log })
  })

  test('RD03: the redirect after the tenth is not followed', async () => {
    await using site = await startHttpServer(({ url = '' }, response) => {
      const next = `/redirect-${Number(/\d+/.exec(url)?.[0] ?? 0) + 1}`
      response.writeHead(302, { Location: next }).end()
    })
    await probeOnDemand(`http://127.0.0.1:${site.port}/`)
    expect(site.asked).toHaveLength(11)
    expect(site.asked.at(-1)).toBe('/redirect-10')
  })

  test('BD02: a body from a file', async () => {
    await using dir = await tempDir()
    const file = await dir.write('body', 'Test Body')
    await using site = await startHttpServer((_, response, text) => {
      response.writeHead(text === 'Test Body' ? 200 : 400).end()
    })
    const { metrics, log } = await probeOnDemand(`http://127.0.0.1:${site.port}`, {
      http: { body_file: file },
    })
    expect({ success: metrics.probe_success, log }).toEqual({ success: 1, log })
  })

  test('HV04, HV06: a version that would need HTTP/3 is refused when the file is read', () => {
    expect(() => httpModule({ valid_http_versions: ['HTTP/1.1', 'HTTP/2.0', 'HTTP/3.0'] })).toThrow(
      'HTTP/3.0',
    )
    expect(() => httpModule({ valid_http_versions: ['HTTP/3.0'] })).toThrow('HTTP/3.0')
  })
})

describe('schemes and TLS:', () => {
  const insecure = { tls_config: { insecure_skip_verify: true } }
  const plain = [
    ['SH01', 'http://H:P', 1],
    ['SH03', 'HTTP://H:P', 1],
    ['SH05', 'H:P', 1],
    ['SH06', 'invalid://H:P', 0],
  ] as const
  test.each(plain)('%s: %s', async (_id, target, success) => {
    await using site = await startHttpServer(ok)
    const probed = await probeOnDemand(target.replace('H:P', `127.0.0.1:${site.port}`), {
      // Names that do not exist are answered at once here.
      resolve: () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })),
    })
    expect(probed.metrics.probe_success).toBe(success)
  })

  test.each([
    ['SH02', 'https://H:P'],
    ['SH04', 'HtTpS://H:P'],
  ])('%s: %s', async (_id, target) => {
    await using site = await startHttpServer(ok, { tls: await makeCertificate() })
    const probed = await probeOnDemand(target.replace('H:P', `127.0.0.1:${site.port}`), { http: insecure })
    expect(probed.metrics).toMatchObject({ probe_success: 1, probe_http_ssl: 1 })
  })

  const notOver = 'Final request was not over SSL'
  test('TL01, TL02: plain HTTP where TLS is wanted', async () => {
    await using site = await startHttpServer(ok)
    const probed = await probeOnDemand(`http://127.0.0.1:${site.port}`, { http: { fail_if_not_ssl: true } })
    expect(probed.metrics).toMatchObject({ probe_success: 0, probe_http_ssl: 0 })
    expect(probed.log).toContain(notOver)
  })

  test('TL03, TL07: plain HTTP where TLS is not asked for', async () => {
    await using site = await startHttpServer(ok)
    const http = { fail_if_not_ssl: false, tls_config: { insecure_skip_verify: false } }
    const probed = await probeOnDemand(`http://127.0.0.1:${site.port}`, { http })
    expect(probed.metrics).toMatchObject({ probe_success: 1, probe_http_ssl: 0 })
    expect(probed.log).not.toContain(notOver)
  })

  test('TL04: a failure of another kind does not log that TLS is missing', async () => {
    await using server = await startRawServer(() => {}, { greet: (socket) => socket.destroy() })
    const probed = await probeOnDemand(`http://127.0.0.1:${server.port}`, { http: { fail_if_not_ssl: true } })
    expect(probed.metrics.probe_success).toBe(0)
    expect(probed.log).not.toContain(notOver)
  })

  test('TL05, TL06: a self-signed certificate', async () => {
    await using site = await startHttpServer(ok, { tls: await makeCertificate() })
    const target = `https://127.0.0.1:${site.port}`
    expect((await probeOnDemand(target)).metrics).toMatchObject({ probe_success: 0, probe_http_ssl: 0 })
    expect((await probeOnDemand(target, { http: insecure })).metrics).toMatchObject({
      probe_success: 1,
      probe_http_ssl: 1,
    })
  })

  test('TL08: the certificate is verified against the name, though the address is dialled', async () => {
    const certificate = await makeCertificate({ names: ['localhost'], ca: true })
    await using site = await startHttpServer(ok, { tls: certificate })
    const http = { preferred_ip_protocol: 'ip4', tls_config: { ca: certificate.cert } }
    const probed = await probeOnDemand(`https://localhost:${site.port}`, { http })
    expect(probed.metrics.probe_success).toBe(1)
    const wrong = await probeOnDemand(`https://127.0.0.1:${site.port}`, { http })
    expect(wrong.metrics.probe_success).toBe(0)
  })
})

test('the last chain expires when the verified one does, whatever else was sent', async () => {
  const names = ['new root']
  const root = await makeCertificate({ names, ca: true })
  const old = await makeCertificate({ names: ['old root'], ca: true })
  const notAfter = new Date('2021-01-01T00:00:00Z')
  const crossed = await makeCertificate({ names, ca: true, keyOf: root, by: old, notAfter })
  const leaf = await makeCertificate({ names: ['localhost'], by: root })
  await using site = await startHttpServer(ok, { tls: { ...leaf, cert: `${leaf.cert}\n${crossed.cert}` } })
  const http = { preferred_ip_protocol: 'ip4', tls_config: { ca: `${old.cert}\n${root.cert}` } }
  const { metrics } = await probeOnDemand(`https://localhost:${site.port}`, { http })
  expect(metrics.probe_ssl_last_chain_expiry_timestamp_seconds).toBe(leaf.notAfterMs / 1000)
  expect(metrics.probe_ssl_earliest_cert_expiry).toBe(notAfter.getTime() / 1000)
})

describe('phases:', () => {
  test('PH01: five of them, and they are no longer than the probe', async () => {
    await using site = await startHttpServer(ok, { tls: await makeCertificate() })
    const { metrics } = await probeOnDemand(`https://127.0.0.1:${site.port}`, {
      http: { tls_config: { insecure_skip_verify: true } },
    })
    const phases = Object.entries(metrics).filter(([name]) => name.startsWith('probe_http_duration_seconds'))
    expect(phases.map(([name]) => /phase=(\w+)/.exec(name)?.[1])).toEqual([
      'connect',
      'processing',
      'resolve',
      'tls',
      'transfer',
    ])
    const sum = phases.reduce((total, [, value]) => total + value, 0)
    expect(phases.every(([, value]) => value >= 0)).toBe(true)
    expect(sum).toBeLessThanOrEqual(metrics.probe_duration_seconds ?? 0)
    expect(metrics['probe_http_duration_seconds{phase=tls}']).toBeGreaterThan(0)
  })

  test('PX01, PX02: skipping the resolution needs a proxy', async () => {
    await using site = await startHttpServer((_, response) => void response.writeHead(204).end())
    for (const skip of [true, false]) {
      const http = { skip_resolve_phase_with_proxy: skip }
      const { metrics } = await probeOnDemand(`http://127.0.0.1:${site.port}`, { http })
      expect(metrics).toMatchObject({ probe_success: 1, probe_http_content_length: 0 })
      expect(metrics['probe_http_duration_seconds{phase=resolve}']).toBeGreaterThanOrEqual(0)
    }
  })
})
