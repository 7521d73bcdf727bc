import { expect, test } from 'vitest'
import { once } from '../../src/cli/once.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { quietLog } from '../support/quiet_log.ts'
import { startRawServer } from '../support/servers/raw_server.ts'
import { tempDir } from '../support/temp_dir.ts'

const answer = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** A farm whose balancer answers 502 while one node is fine. */
async function runOnce(
  options: {
    json?: boolean
    farm?: string
    isTTY?: boolean
    trace?: boolean
    page?: [status: string, body: string]
    discover?: string
  } = {},
) {
  const [status, body] = options.page ?? ['502 Bad\x9b2JGateway', 'The proxy failed']
  await using balancer = await startRawServer((socket) => socket.end(answer(status, body), 'latin1'))
  await using node = await startRawServer((socket) => socket.end(answer('200 OK', 'Welcome')))
  await using dir = await tempDir()
  const file = await dir.write(
    'farm.yaml',
    `farms: [{ name: shop, url: "http://shop.example.org", address: "127.0.0.1:${balancer.port}", ` +
      `${options.discover ?? `nodes: [{ name: web01, address: "127.0.0.1:${node.port}" }]`} }]` +
      `\ndefaults: { trace: ${options.trace ?? false} }`,
  )
  const out: string[] = []
  const errors: string[] = []
  const code = await once(
    {
      config: file,
      ...(options.json && { json: true }),
      ...(options.farm === undefined ? {} : { farm: options.farm }),
    },
    {
      stdout: { write: (text) => out.push(text), isTTY: options.isTTY },
      stderr: { write: (text) => errors.push(text) },
      env: {},
      clock: systemClock,
      log: quietLog().log,
      signals: { on: () => undefined, off: () => undefined },
      platform: 'linux',
    },
  )
  return { code, stdout: out.join(''), stderr: errors.join('') }
}

test('once shows every target with its reason and the verdict, plain in a pipe, and fails with 1', async () => {
  const { code, stdout } = await runOnce()
  expect(code).toBe(1)
  expect(stdout.replaceAll(/\d+(\.\d+)?ms/g, 'Nms').replaceAll(/ +/g, ' ')).toMatchInlineSnapshot(`
    "shop / home GET / verdict: balancer_fault
     balancer status 502 Nms connect=Nms request=Nms wait=Nms transfer=Nms
     The status is 502 "Bad\\u009b2JGateway", not 200-399. Made by nobody known here: the application itself, or a product whose error pages farmprobe does not know.
     web01 ok 200 Nms connect=Nms request=Nms wait=Nms transfer=Nms
    "
  `)
})

test('once fails with 1 where nodes could not be discovered, though all that is probed is fine', async () => {
  const page = ['200 OK', 'Welcome'] as [string, string]
  expect((await runOnce({ page })).code).toBe(0)
  const { code, stderr } = await runOnce({ page, discover: 'discover: { file: { path: no-such.json } }' })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^farm shop: discover\.file: no file matches "no-such\.json" in .*; it gives no nodes\n$/,
  )
})

test('with trace the failure names its trace, and what is fine names none', async () => {
  const { stdout } = await runOnce({ trace: true })
  expect(stdout.match(/Trace [\da-f]{32}\./g)).toHaveLength(1)
})

test('a hostile status line cannot move the cursor of a terminal', async () => {
  const { stdout } = await runOnce({ isTTY: true })
  expect(stdout).not.toContain('\x9b')
  expect(stdout).toContain(String.raw`Bad\u009b2JGateway`)
})

test('a terminal gets colour and bars', async () => {
  const { stdout } = await runOnce({ isTTY: true })
  expect(stdout).toContain('\u001b[')
  expect(stdout).toContain('█')
})

test('--json is one document with every outcome and the verdict', async () => {
  const { code, stdout } = await runOnce({ json: true })
  expect(code).toBe(1)
  const [finding] = JSON.parse(stdout).findings
  expect(finding).toMatchObject({
    farm: 'shop',
    check: 'home',
    verdict: 'balancer_fault',
    outcomes: [
      {
        target: 'balancer',
        reason: 'status',
        status: 502,
        origin: 'unknown',
        tells: expect.stringMatching(/^nobody known here/),
      },
      { target: 'web01', reason: 'ok', status: 200 },
    ],
  })
})

test('--farm with an unknown name lists the known ones and fails with 2', async () => {
  const { code, stderr } = await runOnce({ farm: 'shpo' })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^--farm: no farm is named 'shpo'; .*farm\.yaml has shop\n$/)
})

test('a known error page is shown with the product that made it and what it means', async () => {
  const page =
    '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n'
  const { stdout } = await runOnce({ page: ['503 Service Unavailable', page] })
  expect(stdout).toContain(
    'The status is 503 "Service Unavailable", not 200-399. Made by HAProxy: no server is up, or none took the connection.\n',
  )
})
