import { expect, test } from 'vitest'
import { configOf, warningsOf, withCheck } from '../support/files/config_text.ts'

test('a timeout that costs most slots of a hanging target is warned of, with the numbers', async () => {
  expect(await warningsOf(withCheck('interval: 1s, timeout: 30s'))).toBe(
    'f.yaml:6:46: farms[0].checks[0].timeout: a target that hangs for the timeout of 30s has 30 slots of 1s in that ' +
      'time, of which overlap 4 lets 4 be probed; the others count as missed. overlap: 30 would keep them all',
  )
  expect(await warningsOf(withCheck('interval: 1s, timeout: 30s, overlap: 30'))).toBe('')
  expect(await warningsOf(withCheck('interval: 5s, timeout: 30s'))).toBe('')
})

const withBody = (body: string) => withCheck(`expect: { body: { ${body} } }`)

test('expressions on bodies that are too long to search are warned of', async () => {
  expect(await warningsOf(withBody('max_bytes: 64MiB, match: a'))).toBe(
    'f.yaml:6:52: farms[0].checks[0].expect.body.max_bytes: max_bytes "64MiB" with regular expressions: a search is given up ' +
      'after 800 ms of processor time, which longer bodies may take. Write contains instead, or max_bytes: 8MiB',
  )
  expect(await warningsOf(withBody('max_bytes: 64MiB, contains: a'))).toBe('')
  expect(await warningsOf(withBody('max_bytes: 8MiB, match: a'))).toBe('')
})

test('two nodes at one address are one server with two names', async () => {
  const text = `farms:
  - name: a
    url: https://a.example
    nodes: [{ name: web01, address: 10.0.0.1 }, { name: web02, address: "10.0.0.1:443" }]
`
  expect(await warningsOf(text)).toBe(
    'f.yaml:4:73: farms[0].nodes[1].address: 10.0.0.1:443 is the address of web01 too: both names stand for one ' +
      'server; correct it, or remove one',
  )
})

test('a check of nodes on a farm that has none probes nothing', async () => {
  const text = 'farms: [{ name: a, url: "https://a.example", checks: [{ name: x, targets: [nodes] }] }]'
  expect(await warningsOf(text)).toBe(
    'f.yaml:1:75: farms[0].checks[0].targets: the farm has no node, so this check probes nothing; list its nodes',
  )
  expect(await warningsOf(text.replace('checks:', 'discover: { dns: { name: n.example } }, checks:'))).toBe(
    '',
  )
})

test('an address that is off limits is probed when the file names it, with a warning', async () => {
  const text = `farms:
  - name: a
    url: http://169.254.169.254
    nodes: [{ name: web01, address: "[::ffff:169.254.1.1]:80" }, { name: web02, address: 10.0.0.1 }]
`
  const { farms } = await configOf(text)
  expect(farms[0]?.farm.nodes[0]?.host).toBe('::ffff:169.254.1.1')
  const rest =
    'is a link-local address, where clouds serve credentials: it is probed only because this file names it; is that intended?'
  expect(await warningsOf(text)).toBe(
    `f.yaml:3:10: farms[0].url: 169.254.169.254 ${rest}\n` +
      `f.yaml:4:37: farms[0].nodes[0].address: ::ffff:169.254.1.1 ${rest}`,
  )
})

const withAffinity = (more: string) => `farms:
  - name: a
    url: https://a.example
    nodes: [{ name: web01, address: 10.0.0.1 }]
    affinity: { cookie: ARRAffinity }
${more}`

test('an affinity whose cookies nobody can tell apart is warned of, with what is missing', async () => {
  const place = 'f.yaml:5:15: farms[0].affinity: '
  const unnamed =
    `${place}nothing in the answers says which node a cookie leads to, so the nodes behind the cookies are only numbered; add ` +
    'served_by (a header, or the cookie itself where its values are the names of the nodes, which those of ARR are not), or ' +
    'identity (a header, not auto)'
  expect(await warningsOf(withAffinity(''))).toBe(unnamed)
  expect(await warningsOf(withAffinity('    identity: auto\n'))).toBe(unnamed)
  expect(await warningsOf(withAffinity('    identity: { header: X-Worker }\n'))).toBe('')
  expect(await warningsOf(withAffinity('    served_by: { cookie: SERVERID }\n'))).toBe('')
  // A hash, whoever reads it.
  expect(await warningsOf(withAffinity('    served_by: { cookie: ARRAffinity }\n'))).toBe(unnamed)
  expect(await warningsOf(withAffinity('    checks: [{ name: x, targets: [nodes] }]\n'))).toBe(
    `${place}affinity without a check that asks the balancer, so nothing is probed by it`,
  )
})

const nodesNamed = (...names: string[]) => {
  const nodes = names.map((name, at) => `{ name: ${name}, address: 10.0.0.${at + 1} }`)
  return warningsOf(`farms: [{ name: a, url: http://a, nodes: [${nodes.join(', ')}] }]`)
}

test('nodes whose names differ in case alone are doubtful: no answer tells them apart', async () => {
  expect(await nodesNamed('web01', 'web02', 'WEB01')).toContain(
    'farms[0].nodes[2].name: WEB01 and web01 differ in case alone, which served_by does not tell apart; call one of them something else',
  )
  expect(await nodesNamed('web01', 'web02')).not.toContain('in case')
})
