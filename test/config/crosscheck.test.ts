import { describe, expect, test } from 'vitest'
import type { Farm } from '../../src/model/farm.ts'
import { exporterPlaces } from '../../src/model/farm.ts'
import { configOf, problemsOf, warningsOf } from '../support/files/config_text.ts'
import { makeCertificate } from '../support/servers/certificates.ts'

/** A farm that is cross-checked so, with these nodes. */
const withCrosscheck = (keys: string, nodes = '{ name: web01, address: 10.0.0.11 }', more = '') =>
  `farms:\n  - name: intranet\n    url: https://a.example\n    nodes: [${nodes}]\n    crosscheck: { ${keys} }\n${more}`

async function farmOf(text: string, around?: Parameters<typeof configOf>[1]): Promise<Farm> {
  const [definition] = (await configOf(text, around)).farms
  if (definition === undefined) throw new Error('there is no farm')
  return definition.farm
}

test('the name of the pool is all that must be written', async () => {
  const farm = await farmOf(withCrosscheck('pool: intranet'))
  expect(farm.crosscheck).toEqual({
    exporter: true,
    scheme: 'http',
    port: 9182,
    path: '/metrics?collect[]=iis',
    pools: ['intranet'],
    intervalMs: 15_000,
    timeoutMs: 10_000,
    toleranceMs: 120_000,
    tls: { insecure: false, minVersion: 'TLSv1.2' },
    exceptions: [],
  })
  expect(exporterPlaces(farm)).toEqual([
    { node: 'web01', host: '10.0.0.11', port: 9182, pools: ['intranet'], computers: ['web01', '10.0.0.11'] },
  ])
})

test('a node may have another exporter, other pools, or none of it; a discovered one is like the farm', async () => {
  const nodes = [
    '{ name: web01, address: 10.0.0.11, crosscheck: { address: "mgmt01:9183" } }',
    '{ name: web02, address: "10.0.0.12:8080", crosscheck: { pool: [old, new], computer: WEBPRD02 } }',
    '{ address: 10.0.0.13, crosscheck: off }',
    '{ name: web04, address: 10.0.0.14, crosscheck: { address: mgmt04 } }',
  ]
  const farm = await farmOf(withCrosscheck('pool: [a, b], port: 9200', nodes.join(', ')))
  const [found] = farm.nodes
  if (found === undefined) throw new Error('there is no node')
  const discovered = { ...found, name: '10.0.0.15', host: '10.0.0.15' }
  expect(exporterPlaces({ ...farm, nodes: [...farm.nodes, discovered] })).toEqual([
    { node: 'web01', host: 'mgmt01', port: 9183, pools: ['a', 'b'], computers: ['web01', '10.0.0.11'] },
    { node: 'web02', host: '10.0.0.12', port: 9200, pools: ['old', 'new'], computers: ['WEBPRD02'] },
    { node: 'web04', host: 'mgmt04', port: 9200, pools: ['a', 'b'], computers: ['web04', '10.0.0.14'] },
    {
      node: '10.0.0.15',
      host: '10.0.0.15',
      port: 9200,
      pools: ['a', 'b'],
      computers: ['10.0.0.15', '10.0.0.15'],
    },
  ])
})

test("WAS's events come by push, from a folder beside the file, or not at all", async () => {
  const alone = withCrosscheck('pool: p, exporter: false')
  expect(await problemsOf(alone)).toBe(
    "f.yaml:5:38: farms[0].crosscheck.exporter: there is nothing to compare with: without windows_exporter WAS's events must come; " +
      'write was: { push: true } or { folder: … }',
  )
  expect((await configOf(withCrosscheck('pool: p'))).was).toEqual({ push: false })
  const { was, farms } = await configOf(`was: { push: true, folder: events }\n${alone}`)
  expect(was).toEqual({ push: true, folder: '/etc/farmprobe/events' })
  expect(farms[0]?.farm.crosscheck?.exporter).toBe(false)
})

test('credentials and certificates are read as those of checks are, and are not shown', async () => {
  const { cert } = await makeCertificate()
  const text = withCrosscheck(
    'pool: p, scheme: https, auth: { basic: { username: u, password: "${P}" } }, tls: { ca_file: ca.pem }',
  )
  const around = { env: { P: 's3cret' }, files: { '/etc/farmprobe/ca.pem': cert } }
  const { crosscheck } = await farmOf(text, around)
  expect(crosscheck).toMatchObject({
    authorization: `Basic ${Buffer.from('u:s3cret').toString('base64')}`,
    tls: { ca: cert.trimEnd() },
  })
  const plain = text.replace('${P}', () => 's3cret')
  expect((await configOf(plain, around)).redacted).not.toContain('s3cret')
  expect((await configOf(plain, around)).redacted).toContain('password: <secret>')
})

const table: readonly (readonly [keys: string, problem: string])[] = [
  ['', '5:17: farms[0].crosscheck.pool: missing; write a text, or a list of texts in brackets'],
  ['pool: p, timout: 9s', '5:28: farms[0].crosscheck.timout: unknown key; did you mean timeout?'],
  [
    'pool: p, port: 0',
    '5:34: farms[0].crosscheck.port: out of range: 0; write a whole number from 1 to 65535',
  ],
  ['pool: p, interval: 100ms', '5:38: farms[0].crosscheck.interval: too short: "100ms"; write 1s or more'],
  [
    'pool: p, timeout: 20s',
    '5:37: farms[0].crosscheck.timeout: a timeout of 20s is longer than the interval of 15s; shorten it',
  ],
  [
    'pool: p, interval: 5s',
    '5:38: farms[0].crosscheck.interval: a timeout of 10s is longer than the interval of 5s; shorten it',
  ],
  [
    'pool: p, tls: { insecure: true }',
    '5:33: farms[0].crosscheck.tls: tls settings with scheme http; write scheme: https, or leave them out',
  ],
  [
    'pool: p, scheme: https, tls: { cert_file: c }',
    '5:48: farms[0].crosscheck.tls: cert without key; give both, or neither',
  ],
  [
    'pool: p, auth: { bearer: s3cret, basic: { username: u, password: p } }',
    '5:59: farms[0].crosscheck.auth.basic: bearer and basic exclude each other; keep one',
  ],
  ['pool: p, path: metrics', '5:34: farms[0].crosscheck.path: not a path: "metrics"; write a path'],
]

describe('what is wrong with it', () => {
  test.each(table)('%s', async (keys, problem) => {
    const files = { '/etc/farmprobe/c': (await makeCertificate()).cert }
    expect(await problemsOf(withCrosscheck(keys), { files })).toContain(`f.yaml:${problem}`)
  })

  test('of a node', async () => {
    const node = '{ name: web01, address: 10.0.0.11, crosscheck: on }'
    expect(await problemsOf(withCrosscheck('pool: p', node))).toBe(
      'f.yaml:4:60: farms[0].nodes[0].crosscheck: not a cross-check: "on"; write off, or a mapping such as ' +
        '{ address: "10.0.0.11:9182" }',
    )
  })

  test('of a node whose farm has none', async () => {
    const text = withCrosscheck('pool: p', '{ address: a, crosscheck: off }').replace(
      /^ {4}crosscheck.*\n/m,
      '',
    )
    expect(await problemsOf(text)).toBe(
      "f.yaml:4:39: farms[0].nodes[0].crosscheck: a node's cross-check without the farm's; give the farm " +
        'crosscheck: { pool: … }',
    )
  })

  test('no check that asks the nodes leaves nothing to compare with', async () => {
    const checks = '    checks: [{ name: home, targets: [balancer] }]\n'
    expect(await warningsOf(withCrosscheck('pool: p', undefined, checks))).toBe(
      'f.yaml:5:17: farms[0].crosscheck: no check probes the nodes, so that there is nothing to compare with; give ' +
        'one targets: [nodes]',
    )
  })
})
