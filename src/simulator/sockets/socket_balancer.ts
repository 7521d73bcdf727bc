/**
 * The balancer on a socket of its own: a proxy that asks the nodes over theirs. Its errors are not made up: they come
 * when a node refuses, breaks the connection, or takes longer than the balancer waits.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Page } from '../answer/pages.ts'
import { affinityCookie, affinityHeaders, affinityOf } from '../answer/shown_headers.ts'
import { type Blame, blamesOf } from '../answer/simulated_answer.ts'
import type { Connection } from '../balancer/choose_node.ts'
import { mayRetry } from '../balancer/gateway_answer.ts'
import { ownBlame } from '../balancer/simulated_balancer.ts'
import type { AddressOf } from '../farm_to_probe.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'
import { type Listening, listen } from './listening.ts'
import type { RunningFarm } from './running_farm.ts'
import { sendServed } from './send_answer.ts'
import { pathOf } from './socket_node.ts'
import { askUpstream, type Upstream } from './upstream.ts'

interface Passage {
  readonly farm: RunningFarm
  readonly addressOf: AddressOf
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string
  readonly atMs: number
  readonly tried: readonly SimulatedNode[]
}

export const startBalancer = (farm: RunningFarm, addressOf: AddressOf, host: string): Promise<Listening> =>
  listen(host, (request, response) => receive(farm, addressOf, request, response), farm.clock)

function receive(
  farm: RunningFarm,
  addressOf: AddressOf,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { update, model, clock } = farm
  const id = String(request.headers['x-farmprobe-id'] ?? '')
  update((nowMs) => {
    const passage = { farm, addressOf, request, response, id, atMs: nowMs, tried: [] }
    const extraMs = model.weather.extraMs(nowMs)
    if (extraMs === 0) return begin(passage, nowMs)
    const cancel = clock.after(extraMs, () => update((atMs) => begin(passage, atMs)))
    response.once('close', cancel)
  })
}

function begin(passage: Passage, nowMs: number): void {
  const own = passage.farm.model.balancer.ownError(nowMs)
  if (own === undefined) passOn(passage, nowMs)
  else answerItself(passage, own, ownBlame)
}

function passOn(passage: Passage, nowMs: number): void {
  const { farm, addressOf, request, response, tried } = passage
  const { balancer, scenario } = farm.model
  const node = remembered(passage) ?? balancer.choose(nowMs, tried)
  if (node === undefined) {
    const blame = balancer.blameForNone(nowMs, pathOf(request))
    return answerItself(passage, scenario.balancer.product.pages.no_node, blame)
  }
  const connection: Connection = { untilMs: Number.POSITIVE_INFINITY }
  balancer.occupy(node, connection)
  const logId = randomUUID()
  farm.blames.set(logId, blamesOf(node.name).down)
  const ask = { ...addressOf(node.name), request, logId, timeoutMs: scenario.balancer.timeoutMs }
  askUpstream(ask, response, farm.clock, (upstream) =>
    farm.update((atMs) => {
      connection.untilMs = atMs
      const blame = farm.blames.get(logId) ?? ownBlame
      farm.blames.delete(logId)
      conclude(passage, { node, blame, upstream }, atMs)
    }),
  )
}

interface Reply {
  readonly node: SimulatedNode
  readonly blame: Blame
  readonly upstream: Upstream
}

function conclude(passage: Passage, { node, blame, upstream }: Reply, nowMs: number): void {
  const { balancer, scenario } = passage.farm.model
  if (upstream === 'gone') return logError(passage, 0, blame, nowMs)
  const failed = typeof upstream === 'string'
  balancer.rotation.report(node, nowMs, failed)
  if (!failed) {
    relay(passage, node, upstream)
    logError(passage, upstream.statusCode ?? 0, blame, nowMs)
  } else if (
    mayRetry(scenario.balancer.retry, upstream) &&
    passage.tried.length === 0 &&
    !hasBody(passage.request)
  )
    passOn({ ...passage, tried: [node] }, nowMs)
  else answerItself(passage, scenario.balancer.product.pages[upstream], blame)
}

function relay({ farm, response }: Passage, node: SimulatedNode, answer: IncomingMessage): void {
  const { scenario } = farm.model
  response.statusCode = answer.statusCode ?? 502
  response.statusMessage = answer.statusMessage ?? ''
  const added = [...scenario.balancer.product.headers, ...affinityHeaders(scenario, node.name)]
  for (const [name, value] of [...endToEnd(answer), ...added]) response.appendHeader(name, value)
  answer.once('error', () => response.destroy())
  response.once('close', () => answer.destroy())
  answer.pipe(response)
}

function answerItself(passage: Passage, page: Page, blame: Blame): void {
  const { farm, response } = passage
  const quick = { connectMs: 0, firstByteMs: 0, transferMs: 0, node: undefined, token: undefined }
  sendServed({ kind: 'served', page, ...quick, blame }, [], response, farm.clock)
  farm.update((nowMs) => logError(passage, page.status, blame, nowMs))
}

/** Status 0: the client left before there was an answer. */
function logError({ farm, id, atMs }: Passage, status: number, blame: Blame, nowMs: number): void {
  if (status !== 0 && (status < 502 || status > 504)) return
  farm.model.log({ kind: 'balancer_error', atMs, id, status, ...blame, firstByteMs: nowMs - atMs })
}

/** A body that has gone to one node cannot go to another. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** The node that the client's affinity cookie names, while it is in rotation and has not failed just now. */
function remembered({ farm: { model }, request, tried }: Passage): SimulatedNode | undefined {
  if (model.scenario.servedBy !== 'cookie' || tried.length > 0) return undefined
  const cookie = request.headers.cookie ?? ''
  const named = model.nodes.find(({ name }) => cookie.includes(`${affinityCookie}=${affinityOf(name)}`))
  return named !== undefined && model.balancer.rotation.isIn(named) ? named : undefined
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** The headers that concern the client, in their order and spelling. */
const endToEnd = ({ rawHeaders }: IncomingMessage): [name: string, value: string][] =>
  rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && !hopByHop.has(name.toLowerCase())
      ? [[name, rawHeaders[at + 1] ?? ''] as [string, string]]
      : [],
  )
