import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { type Farm, type Target, throughTargetsOf } from '../../src/model/farm.ts'
import type { Order, Outcome } from '../../src/model/outcome.ts'
import { sampleNode } from '../support/farms/sample_farm.ts'
import { never, orderFor, probeOnce, startProber } from '../support/probes/probe_once.ts'
import { type HttpServer, startHttpServer } from '../support/servers/http_server.ts'

const names = ['web01', 'web02', 'web03']

interface Written {
  /** The value of the cookie that a node's answer sets, where the client had none of it. */
  readonly value: (node: string, turn: number) => string
  /** Headers of a node's answers. */
  readonly headers?: (node: string) => Record<string, string>
  /** The page of an error, with which it answers; by default there is none. */
  readonly page?: (request: IncomingMessage) => string
  /** It sends clients to the next node, whatever cookie they have. */
  readonly ignores?: boolean
}

/** A balancer that answers in the place of its nodes, in turn, and binds clients by the cookie `STICK`. */
async function startBalancer({ value, headers = () => ({}), page, ignores = false }: Written) {
  const cookies: string[] = []
  const known = new Map<string, string>()
  let turn = 0
  const server = await startHttpServer((request, response) => {
    const cookie = request.headers.cookie ?? ''
    cookies.push(cookie)
    const bound = ignores ? undefined : known.get(cookie.replace('STICK=', ''))
    const node = bound ?? names[turn++ % names.length] ?? ''
    const written = value(node, turn)
    known.set(written, node)
    const set = bound === undefined ? { 'Set-Cookie': `STICK=${written}; Path=/; HttpOnly` } : {}
    response.writeHead(page ? 500 : 200, { ...set, ...headers(node) }).end(page?.(request) ?? node)
  })
  return { ...server, cookies, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** A farm behind it, and a prober that has asked it so often. */
async function asked({ port }: HttpServer, changes: Partial<Farm>, times: number, check = {}) {
  const place = { scheme: 'http', host: '127.0.0.1', port } as const
  const nodes = names.map((name) => sampleNode(name, place))
  const order = orderFor({ port, check, farm: { nodes, affinity: { cookie: 'STICK' }, ...changes } })
  const prober = startProber()
  const { farm } = order
  const through = throughTargetsOf(farm, order.check)
  const probe = (target: Target): Promise<Outcome> =>
    prober.probe({ ...order, target } satisfies Order, never)
  for (let count = 0; count < times; count++) await probe(farm.balancer)
  return { farm, prober, probe, through, known: () => through.filter((each) => prober.canProbe(farm, each)) }
}

const namesOf = (targets: readonly Target[]) => targets.map(({ name }) => name)

const sentCookie = ({ headers }: IncomingMessage) => `sent: ${headers.cookie}`

test('nothing is kept of a cookie that was sent, whatever a page repeats of it; the name of a node is no secret', async () => {
  for (const [value, isKept] of [
    [(node: string) => `0123456789abcdef${node}.${node}`, false],
    [(node: string) => `${node}|aGVsbG8gaGVsbG8`, true],
  ] as const) {
    await using server = await startBalancer({ value, headers: header, page: sentCookie })
    const { probe, through } = await asked(server, { servedBy }, 3)
    const kept = JSON.stringify(await probe(through[1] as Target))
    expect(server.cookies.at(-1)).toBe(`STICK=${value('web02')}`)
    expect(kept).toContain('"servedBy":"web02"')
    expect(kept.includes(value('web02'))).toBe(isKept)
    expect(kept.includes('0123456789abcdef')).toBe(false)
  }
})

test('the name of a node is told, though a cookie is that name too, and whatever else is secret', async () => {
  const written = { 'Set-Cookie': 'SRV=web01.corp.example.org', 'X-Node': 'web01.corp.example.org' }
  await using server = await startHttpServer((_request, response) => response.writeHead(200, written).end())
  const windowsAuth = { by: 'ntlm', user: 'probe', domain: 'DOM', password: 'hunter2!' } as const
  const { port } = server
  for (const check of [{ identity: 'auto' }, { windowsAuth }] as const)
    for (const source of [servedBy, { cookie: 'SRV' }])
      expect(await probeOnce({ port, check, farm: { servedBy: source } })).toMatchObject({
        servedBy: 'web01.corp.example.org',
      })
})

/** Hashes, as ARR's cookie has them. */
const hash = (node: string) => Buffer.from(`secret ${node}`).toString('hex')
const header = (node: string) => ({ 'X-Node': node })
const servedBy = { header: 'X-Node' }

test('a hash is known by the node that the answer with it names, and leads to that node', async () => {
  await using server = await startBalancer({ value: hash, headers: header })
  const { probe, through, known } = await asked(server, { servedBy }, 2)
  expect(namesOf(known())).toEqual(['web01', 'web02'])
  const [, web02] = through
  const outcome = await probe(web02 as Target)
  expect(outcome).toMatchObject({ role: 'through', target: 'web02', servedBy: 'web02', reason: 'ok' })
  expect(outcome.elsewhere).toBeUndefined()
  expect(server.cookies).toEqual(['', '', `STICK=${hash('web02')}`])
})

test('a hash is known by a worker that a node shows directly and the balancer shows with it', async () => {
  await using server = await startBalancer({ value: hash, headers: (node) => ({ 'X-Worker': `${node}-7` }) })
  await using direct = await startHttpServer((_request, response) => {
    response.writeHead(200, { 'X-Worker': 'web03-7' }).end()
  })
  const check = { identity: { header: 'X-Worker' } }
  const { farm, probe, known } = await asked(server, {}, 0, check)
  await probe(sampleNode('web03', { scheme: 'http', host: '127.0.0.1', port: direct.port }))
  for (const target of [farm.balancer, farm.balancer, farm.balancer]) await probe(target)
  expect(namesOf(known())).toEqual(['web03'])
})

test.each([
  ['HAProxy names its servers', (node: string) => node],
  ['HAProxy adds dates', (node: string) => `${node}|aXbYc|aXbYd`],
  ['Apache writes a route', (node: string) => `.${node}`],
  ['Tomcat adds a route to a session', (node: string, turn: number) => `A0B1C${turn}.${node}`],
] as const)('a value that is the name of a node needs no header: %s', async (_how, value) => {
  await using server = await startBalancer({ value })
  const { known } = await asked(server, { servedBy: { cookie: 'STICK' } }, 3)
  expect(namesOf(known())).toEqual(names)
})

test('values that nothing names are numbered as they come, and never given the name of a node', async () => {
  await using server = await startBalancer({ value: hash })
  const { known, probe, through } = await asked(server, {}, 5)
  expect(namesOf(known())).toEqual(['#1', '#2', '#3'])
  const [, second] = through
  await probe(second as Target)
  expect(server.cookies.at(-1)).toBe(`STICK=${hash('web02')}`)
})

test("ARR's cookie names nobody, though it is configured as what names nodes", async () => {
  await using server = await startBalancer({ value: hash })
  const arr = { affinity: { cookie: 'STICK' }, servedBy: { cookie: 'ARRAffinity' } }
  const { known } = await asked(server, arr, 3)
  expect(namesOf(known())).toEqual(['#1', '#2', '#3'])
})

test('values that are as many as the answers name sessions, not nodes: none is numbered', async () => {
  await using server = await startBalancer({ value: (node, turn) => `${hash(node)}${turn}` })
  const { known } = await asked(server, {}, 5)
  expect(known()).toEqual([])
})

test('an answer of another node than the one asked for is told, whoever names it', async () => {
  await using server = await startBalancer({ value: hash, headers: header, ignores: true })
  const { probe, through } = await asked(server, { servedBy }, 3)
  const [, web02] = through
  const outcomes = [await probe(web02 as Target), await probe(web02 as Target), await probe(web02 as Target)]
  expect(outcomes.map(({ elsewhere }) => elsewhere)).toEqual(['web01', undefined, 'web03'])

  await using silent = await startBalancer({ value: hash, ignores: true })
  const numbered = await asked(silent, {}, 3)
  expect((await numbered.probe(numbered.through[1] as Target)).elsewhere).toBe('#1')
})

test('what was learned is forgotten with the farm', async () => {
  await using server = await startBalancer({ value: hash, headers: header })
  const { prober, known } = await asked(server, { servedBy }, 3)
  expect(known()).toHaveLength(3)
  prober.retain([])
  expect(known()).toEqual([])
})

test('what was learned holds for the same balancer, whatever else of the farm changes', async () => {
  await using server = await startBalancer({ value: hash, headers: header })
  const { farm, prober, through } = await asked(server, { servedBy }, 3)
  const [web01] = through
  expect(prober.canProbe({ ...farm, maintenance: [] }, web01 as Target)).toBe(true)
  expect(prober.canProbe({ ...farm, nodes: farm.nodes.slice(0, 2) }, web01 as Target)).toBe(true)
  expect(prober.canProbe({ ...farm, balancer: { ...farm.balancer, port: 1 } }, web01 as Target)).toBe(false)
})
