import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Page } from '../answer/pages.ts'
import { affinityCookie, affinityHeaders, affinityOf } from '../answer/shown_headers.ts'
import { type Blame, blamesOf } from '../answer/simulated_answer.ts'
import { gatewayPage, mayRetry, passingHeaders } from '../balancer/gateway_answer.ts'
import { type Connection, ownBlame } from '../balancer/simulated_balancer.ts'
import type { BalancerPlan } from '../farm/blueprint.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'
import { type Listening, listen } from './listening.ts'
import { actServed } from './send_answer.ts'
import { pathOf } from './socket_node.ts'
import type { Stage } from './stage.ts'
import { askUpstream, type Upstream } from './upstream.ts'

/** Where the balancer finds a node. */
export type AddressOf = (node: string) => { readonly host: string; readonly port: number }

/** One request on its way through the balancer. */
interface Passage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string
  readonly atMs: number
  /** Nodes that were asked before. */
  readonly tried: readonly SimulatedNode[]
}

/** What the proxy works with. */
interface Proxy {
  readonly stage: Stage
  readonly plan: BalancerPlan
  readonly addressOf: AddressOf
}

/**
 * The balancer on a socket of its own: a proxy that asks the nodes over theirs. Its errors are not made up: they come
 * when a node refuses, breaks the connection, or takes longer than the balancer waits.
 */
export function startBalancer(stage: Stage, addressOf: AddressOf, host: string): Promise<Listening> {
  const proxy: Proxy = { stage, plan: stage.model.scenario.balancer, addressOf }
  return listen(host, (request, response) => receive(proxy, request, response), stage.clock)
}

function receive(proxy: Proxy, request: IncomingMessage, response: ServerResponse): void {
  const { play, model, clock } = proxy.stage
  const id = String(request.headers['x-farmprobe-id'] ?? '')
  play((nowMs) => {
    const passage = { request, response, id, atMs: nowMs, tried: [] }
    const extraMs = model.weather.extraMs(nowMs)
    if (extraMs === 0) return begin(proxy, passage, nowMs)
    const cancel = clock.after(extraMs, () => play((atMs) => begin(proxy, passage, atMs)))
    response.once('close', cancel)
  })
}

function begin(proxy: Proxy, passage: Passage, nowMs: number): void {
  const own = proxy.stage.model.balancer.ownError(nowMs)
  if (own === undefined) passOn(proxy, passage, nowMs)
  else answerItself(proxy, passage, own, ownBlame)
}

function passOn(proxy: Proxy, passage: Passage, nowMs: number): void {
  const { stage, plan, addressOf } = proxy
  const { balancer } = stage.model
  const { request, response, tried } = passage
  const node = remembered(stage, passage) ?? balancer.choose(nowMs, tried)
  if (node === undefined) {
    const blame = balancer.nobodyLeft(nowMs, pathOf(request))
    return answerItself(proxy, passage, gatewayPage(plan, 'no_node'), blame)
  }
  const connection: Connection = { untilMs: Number.POSITIVE_INFINITY }
  balancer.occupy(node, connection)
  const logId = randomUUID()
  stage.blames.set(logId, blamesOf(node.name).down)
  const ask = { ...addressOf(node.name), request, logId, patienceMs: plan.timeoutMs }
  askUpstream(ask, response, stage.clock, (upstream) =>
    stage.play((atMs) => {
      connection.untilMs = atMs
      const blame = stage.blames.get(logId) ?? ownBlame
      stage.blames.delete(logId)
      conclude(proxy, passage, { node, blame, upstream }, atMs)
    }),
  )
}

/** What came of asking a node. */
interface Reply {
  readonly node: SimulatedNode
  readonly blame: Blame
  readonly upstream: Upstream
}

function conclude(proxy: Proxy, passage: Passage, { node, blame, upstream }: Reply, nowMs: number): void {
  const { plan, stage } = proxy
  if (upstream === 'gone') return logError(proxy, passage, 0, blame, nowMs)
  const failed = typeof upstream === 'string'
  stage.model.balancer.rotation.report(node, nowMs, failed)
  if (!failed) {
    relay(proxy, passage, node, upstream)
    logError(proxy, passage, upstream.statusCode ?? 0, blame, nowMs)
  } else if (mayRetry(plan, upstream) && passage.tried.length === 0 && !hasBody(passage.request))
    passOn(proxy, { ...passage, tried: [node] }, nowMs)
  else answerItself(proxy, passage, gatewayPage(plan, upstream), blame)
}

/** Passes an answer on as it comes. */
function relay(
  { plan, stage }: Proxy,
  { response }: Passage,
  node: SimulatedNode,
  answer: IncomingMessage,
): void {
  response.statusCode = answer.statusCode ?? 502
  response.statusMessage = answer.statusMessage ?? ''
  const added = [...passingHeaders(plan), ...affinityHeaders(stage.model.scenario, node.name)]
  for (const [name, value] of [...endToEnd(answer), ...added]) response.appendHeader(name, value)
  answer.once('error', () => response.destroy())
  response.once('close', () => answer.destroy())
  answer.pipe(response)
}

function answerItself(proxy: Proxy, passage: Passage, page: Page, blame: Blame): void {
  const { clock, play } = proxy.stage
  const quick = { connectMs: 0, firstByteMs: 0, transferMs: 0, node: undefined, token: undefined }
  actServed({ kind: 'served', page, ...quick, blame }, [], passage.response, clock)
  play((nowMs) => logError(proxy, passage, page.status, blame, nowMs))
}

/** Status 0: the client left before there was an answer. */
function logError(proxy: Proxy, { id, atMs }: Passage, status: number, blame: Blame, nowMs: number): void {
  if (status !== 0 && (status < 502 || status > 504)) return
  const { node, nodes, cause, alsoRight } = blame
  const firstByteMs = nowMs - atMs
  proxy.stage.model.log({
    kind: 'balancer_error',
    atMs,
    id,
    status,
    node,
    nodes,
    cause,
    alsoRight,
    firstByteMs,
  })
}

/** A body that has gone to one node cannot go to another. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** The node that the client's affinity cookie names, while it is in rotation and has not failed just now. */
function remembered({ model }: Stage, { request, tried }: Passage): SimulatedNode | undefined {
  if (model.scenario.balancer.algorithm !== 'affinity' || tried.length > 0) return undefined
  const cookie = request.headers.cookie ?? ''
  const named = model.nodes.find(({ name }) => cookie.includes(`${affinityCookie}=${affinityOf(name)}`))
  return named !== undefined && model.balancer.rotation.isIn(named) ? named : undefined
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** The headers that concern the client, in their order and spelling. */
function endToEnd({ rawHeaders }: IncomingMessage): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (!hopByHop.has(name.toLowerCase())) pairs.push([name, rawHeaders[at + 1] ?? ''])
  }
  return pairs
}
