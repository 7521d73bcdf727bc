import { type IncomingHttpHeaders, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { nginx } from '../../../proof/truth/simulated/products.ts'
import type { Target } from '../../../src/model/farm.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { pages } from '../../../src/simulator/answer/pages.ts'
import type {
  BalancerPlan,
  Happening,
  NodeOutageKind,
  Scenario,
} from '../../../src/simulator/farm/blueprint.ts'
import { balancer } from '../../../src/simulator/farm/blueprint_parts.ts'
import { fixed } from '../../../src/simulator/farm/chance.ts'
import type { RecycleTruth } from '../../../src/simulator/farm/true_events.ts'
import { type SocketFarm, startSocketFarm } from '../../../src/simulator/sockets/socket_farm.ts'
import { eventually } from '../../support/eventually.ts'
import { at, stillNodes, stillScenario, stillStartMs } from '../../support/farms/still_farm.ts'
import { createSimulatedClock, type SimulatedClock } from '../../support/simulated_clock.ts'

interface Reply {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request on a connection of its own; the code of the error when there is no answer. */
function get(target: Target, headers: Record<string, string> = {}): Promise<Reply | string> {
  return new Promise((resolve) => {
    const asked = request({ host: target.host, port: target.port, path: '/?cache=1', headers, agent: false })
    asked.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asked.once('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        body += part
      })
      response.once('error', (error) => resolve(error.message))
      response.once('end', () => {
        const { statusCode: status = 0, statusMessage: statusText = '' } = response
        resolve({ status, statusText, headers: response.headers, body })
      })
    })
    asked.end()
  })
}

async function page(reply: Promise<Reply | string>): Promise<Reply> {
  const found = await reply
  if (typeof found === 'string') throw new Error(`no page but ${found}`)
  return found
}

const started: SocketFarm[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((farm) => farm.stop()))
})

/** A farm on sockets whose time stands still until it is told to go on. */
async function startStill(
  happenings: readonly Happening[] = [],
  plan: Partial<BalancerPlan> = {},
  different: Partial<Scenario> = {},
) {
  const clock = createSimulatedClock(stillStartMs)
  const scenario = stillScenario(
    {},
    { nodes: stillNodes(2), balancer: balancer(plan), happenings, ...different },
  )
  const sockets = await startSocketFarm({ scenario, clock, random: seededRandom(1) })
  started.push(sockets)
  const [web01, web02] = sockets.farm.nodes as [Target, Target]
  return { ...sockets, clock, web01, web02, balancer: sockets.farm.balancer }
}

/** Sends a request and, once it has arrived, lets time pass in small steps until the reply is there. */
async function timed(
  clock: SimulatedClock,
  target: Target,
  headers: Record<string, string> = {},
): Promise<{ tookMs: number; reply: Reply | string }> {
  const fromMs = clock.monotonicMs()
  const idle = clock.pending()
  const replies: (Reply | string)[] = []
  void get(target, headers).then((reply) => replies.push(reply))
  await eventually('the request', clock.pending, (timers) => timers > idle || replies.length > 0)
  for (let step = 0; step < 4000; step++) {
    const [reply] = replies
    if (reply !== undefined) return { tookMs: clock.monotonicMs() - fromMs, reply }
    await clock.advance(stepMs)
    await delay(1)
  }
  throw new Error('no reply within 4000 steps')
}

const stepMs = 10
/** How much time may pass while bytes are on their way over loopback. */
const slackMs = 1000

const recycle: Happening = { when: at(1000), nodes: ['web01'], what: { kind: 'recycle', cause: 'demand' } }

const outage = (how: NodeOutageKind): Happening => ({
  when: at(1000),
  nodes: ['web01'],
  what: { kind: 'outage', how, forMs: fixed(60_000), restarts: false },
})

describe('a node on a socket', () => {
  test('answers when the model says so, and no earlier', async () => {
    const { clock, web01 } = await startStill()
    const idle = clock.pending()
    const reply = page(get(web01))
    await eventually('the request', clock.pending, (timers) => timers > idle)
    await clock.advance(19.9)
    expect(clock.pending()).toBe(idle + 1)
    await clock.advance(0.1)
    expect(clock.pending()).toBe(idle)
    expect(await reply).toMatchObject({
      status: 200,
      statusText: 'OK',
      body: pages.home.body,
      headers: { server: 'Microsoft-IIS/10.0', 'x-node': 'web01', 'cache-control': 'no-store' },
    })
  })

  test('shows the worker, and another one after a recycle, whose first request is slow', async () => {
    const { clock, web01, truth } = await startStill([recycle])
    const before = await timed(clock, web01)
    await clock.advance(3000)
    const after = await timed(clock, web01)
    expect(after.tookMs).toBeGreaterThanOrEqual(6020)
    expect(after.tookMs).toBeLessThan(6020 + slackMs)
    const [old, fresh] = [before.reply, after.reply].map((reply) => (reply as Reply).headers['x-worker'])
    expect(fresh).toMatch(/^\d+-\w+$/)
    expect(fresh).not.toBe(old)
    expect(truth.map(({ kind }) => kind)).toEqual(['recycle', 'first_request'])
  })

  test.each([
    ['refused', 'ECONNREFUSED'],
    ['reset', 'ECONNRESET'],
    ['closed', 'ECONNRESET'],
    ['garbage', 'HPE_INVALID_CONSTANT'],
  ] as const)('that is %s fails so', async (how, code) => {
    const { clock, web01 } = await startStill([outage(how)])
    await clock.advance(2000)
    expect((await timed(clock, web01)).reply).toBe(code)
  })

  test('that refused connections takes them again on the same port', async () => {
    const { clock, web01 } = await startStill([outage('refused')])
    await clock.advance(2000)
    expect(await get(web01)).toBe('ECONNREFUSED')
    await clock.advance(60_000)
    const answered = await eventually(
      'the port',
      () => timed(clock, web01),
      ({ reply }) => typeof reply !== 'string',
    )
    expect(answered.reply).toMatchObject({ status: 200 })
  })

  test('gives the kernel its own page, closes after it, and shows no node', async () => {
    const crashes = [1000, 1001, 1002, 1003, 1004]
    const { clock, web01 } = await startStill([
      { when: at(...crashes), nodes: ['web01'], what: { kind: 'crash' } },
    ])
    await clock.advance(2000)
    const { reply } = await timed(clock, web01)
    const { headers, body, ...rest } = reply as Reply
    expect(rest).toEqual({ status: 503, statusText: 'Service Unavailable' })
    expect(body).toHaveLength(326)
    expect(headers).toMatchObject({
      server: 'Microsoft-HTTPAPI/2.0',
      connection: 'close',
      'content-length': '326',
    })
    expect(headers['x-node']).toBeUndefined()
  })

  test('resets a request that runs when its worker crashes', async () => {
    const crash: Happening = { when: at(1000), nodes: ['web01'], what: { kind: 'crash' } }
    const { clock, web01 } = await startStill([crash])
    await clock.advance(990)
    expect((await timed(clock, web01)).reply).toBe('ECONNRESET')
  })

  test('cancels its timers when the client leaves', async () => {
    const { clock, web01 } = await startStill([recycle])
    await clock.advance(2000)
    const idle = clock.pending()
    const asked = request({ host: web01.host, port: web01.port, agent: false })
    asked.once('error', () => undefined)
    asked.end()
    await eventually('the request', clock.pending, (timers) => timers > idle)
    asked.destroy()
    expect(await eventually('the end of it', clock.pending, (timers) => timers === idle)).toBe(idle)
  })
})

describe('the balancer on a socket', () => {
  test('passes requests on in turn, with what the nodes show', async () => {
    const { clock, balancer } = await startStill()
    const nodes: unknown[] = []
    for (let count = 0; count < 4; count++) {
      const { headers } = (await timed(clock, balancer)).reply as Reply
      nodes.push(headers['x-node'])
      expect(headers['x-powered-by']).toBe('ASP.NET, ARR/3.0')
      expect(headers['x-worker']).toMatch(/^\d+-\w+$/)
    }
    expect(nodes).toEqual(['web02', 'web01', 'web02', 'web01'])
  })

  test('gives up on a cold node after its time-out with its own 502, and the truth names node, cause and probe', async () => {
    const { clock, balancer, truth } = await startStill([recycle], { timeoutMs: 3000 })
    await clock.advance(2000)
    await timed(clock, balancer)
    const { tookMs, reply } = await timed(clock, balancer, { 'X-Farmprobe-Id': 'probe-7' })
    expect(tookMs).toBeGreaterThanOrEqual(3000)
    expect(tookMs).toBeLessThan(3000 + slackMs)
    const { status, statusText, headers, body } = reply as Reply
    expect([status, statusText, body]).toEqual([502, 'Bad Gateway', pages.iis_502.body])
    expect(headers['x-node']).toBeUndefined()
    expect(truth.at(-1)).toMatchObject({
      kind: 'balancer_error',
      id: 'probe-7',
      status: 502,
      node: 'web01',
      cause: 'cold_start',
      alsoRight: ['recycle'],
    })
  })

  test('answers an error for a refused connection, or asks the other node', async () => {
    const never = await startStill([outage('refused')])
    await never.clock.advance(2000)
    await timed(never.clock, never.balancer)
    expect((await timed(never.clock, never.balancer)).reply).toMatchObject({ status: 502 })
    expect(never.truth.at(-1)).toMatchObject({ kind: 'balancer_error', node: 'web01', cause: 'node_down' })

    const retries = await startStill([outage('refused')], { retry: 'error' })
    await retries.clock.advance(2000)
    await timed(retries.clock, retries.balancer)
    expect((await timed(retries.clock, retries.balancer)).reply).toMatchObject({
      status: 200,
      headers: { 'x-node': 'web02' },
    })
  })

  test('of nginx answers 504 with its page', async () => {
    const { clock, balancer } = await startStill([recycle], { product: nginx, timeoutMs: 3000 })
    await clock.advance(2000)
    await timed(clock, balancer)
    expect((await timed(clock, balancer)).reply).toMatchObject({
      status: 504,
      statusText: 'Gateway Time-out',
      body: nginx.pages.timeout.body,
      headers: { server: 'nginx' },
    })
  })

  test('answers its own errors while its own pool recycles', async () => {
    const own: Happening = { when: at(1000), what: { kind: 'balancer_recycle', forMs: fixed(3000) } }
    const { clock, balancer, truth } = await startStill([own])
    await clock.advance(2000)
    expect((await timed(clock, balancer)).reply).toMatchObject({ status: 502 })
    expect(truth.at(-1)).toMatchObject({ kind: 'balancer_error', node: 'balancer', cause: 'balancer' })
  })

  test('keeps a client with its cookie on one node', async () => {
    const { clock, balancer } = await startStill([], {}, { servedBy: 'cookie' })
    const first = (await timed(clock, balancer)).reply as Reply
    const [cookie = ''] = (first.headers['set-cookie']?.[0] ?? '').split(';')
    expect(cookie).toMatch(/^ARRAffinity=[0-9a-f]{64}$/)
    for (let count = 0; count < 3; count++) {
      const { headers } = (await timed(clock, balancer, { Cookie: cookie })).reply as Reply
      expect(headers['set-cookie']?.[0]).toContain(cookie)
    }
  })

  test('reports a client that gave up', async () => {
    const { clock, balancer, truth, onTruth } = await startStill([recycle])
    await clock.advance(2000)
    await timed(clock, balancer)
    const told = new Promise((resolve) => onTruth(resolve))
    const asked = request({ ...hostOf(balancer), headers: { 'X-Farmprobe-Id': 'impatient' }, agent: false })
    asked.once('error', () => undefined)
    asked.end()
    await eventually(
      'the first request',
      async () => {
        await clock.advance(1)
        return truth.some(({ kind }) => kind === 'first_request')
      },
      Boolean,
    )
    const left = new Promise((resolve) =>
      onTruth((event) => event.kind === 'balancer_error' && resolve(event)),
    )
    asked.destroy()
    expect(await left).toMatchObject({ id: 'impatient', status: 0, node: 'web01', cause: 'cold_start' })
    await told
  })
})

const hostOf = ({ host, port }: Target) => ({ host, port })

test('weather slows nodes and balancer alike, and a request through the balancer once', async () => {
  const what = { kind: 'weather', add: fixed(800), loss: 0, forMs: fixed(3_600_000) } as const
  const { clock, balancer, web01 } = await startStill([{ when: at(1000), what }])
  await clock.advance(2000)
  for (const target of [web01, balancer]) {
    const tooks: number[] = []
    for (let count = 0; count < 3; count++) tooks.push((await timed(clock, target)).tookMs)
    const median = tooks.toSorted((one, other) => one - other)[1] ?? 0
    expect(median).toBeGreaterThan(400)
    expect(median).toBeLessThan(1600 + slackMs)
  }
})

test('everything is reported when it happens, also without requests', async () => {
  const { clock, onTruth } = await startStill([recycle, outage('reset')])
  const told: string[] = []
  onTruth(({ kind }) => told.push(kind))
  await clock.advance(999)
  expect(told).toEqual([])
  await clock.advance(1)
  expect(told).toEqual(['recycle', 'outage'])
})

test('stopping frees the ports, ends open requests and leaves no timer', async () => {
  const { clock, web01, balancer, stop } = await startStill([recycle])
  await clock.advance(2000)
  const idle = clock.pending()
  const hanging = get(balancer)
  const other = get(web01)
  await eventually('the requests', clock.pending, (timers) => timers > idle)
  await stop()
  expect(typeof (await hanging)).toBe('string')
  expect(typeof (await other)).toBe('string')
  expect(await get(web01)).toBe('ECONNREFUSED')
  await eventually('no timer', clock.pending, (timers) => timers === 0)
})

test('a farm runs on real time as well', async () => {
  const scenario = stillScenario(
    { spawnMs: fixed(10), coldMs: fixed(150) },
    { happenings: [{ ...recycle, when: at(500) }] },
  )
  const sockets = await startSocketFarm({ scenario, clock: systemClock, random: seededRandom(1) })
  started.push(sockets)
  const { token } = await new Promise<RecycleTruth>((resolve) =>
    sockets.onTruth((event) => event.kind === 'recycle' && resolve(event)),
  )
  const [web01] = sockets.farm.nodes as [Target]
  const fromMs = systemClock.monotonicMs()
  await eventually(
    'the new worker',
    () => page(get(web01)),
    ({ headers }) => headers['x-worker'] === token,
  )
  expect(systemClock.monotonicMs() - fromMs).toBeGreaterThan(150)
})
