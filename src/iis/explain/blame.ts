/** Which node made a request fail at the balancer, and why, as far as the logs tell. */
import type { Cause } from '../../model/incident.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import type { WorkerEvent } from '../logs/worker_events.ts'
import type { Failure, How, Seen, Where } from './failed_request.ts'
import type { Evidence, HttpError } from './log_evidence.ts'
import { type Span, type Stall, shareIn } from './node_stalls.ts'

export interface Blame {
  readonly failure: Failure
  /** A node or `balancer`; undefined where it is not known. */
  readonly node: string | undefined
  readonly cause: Cause
  /** What shows it. */
  readonly stall: Stall | undefined
  readonly event: WorkerEvent | undefined
  readonly httpError: HttpError | undefined
}

/** A worker that goes or comes makes requests fail as long before and after, in milliseconds. */
const aroundMs = { before: 120_000, after: 10_000 } as const
/** A stall explains a request that waited in it for most of its time. */
const mostOfIt = 0.6
/** A connection that the node had closed is refused as soon as it is used, within milliseconds. */
const atOnceMs = 1000
/** More within one incident are no race between two time-outs. */
const fewStale = 3

/** Why the failures of one incident happened, one after the other. */
export function blameAll(failures: readonly Failure[], evidence: Evidence): Blame[] {
  const span = {
    fromMs: least(failures.map(({ startMs }) => startMs)),
    toMs: greatest(failures.map(({ endMs }) => endMs)),
  }
  const stalls = evidence.stalls.filter(({ fromMs, toMs }) => toMs >= span.fromMs && fromMs <= span.toMs)
  const context: Context = {
    failures,
    evidence,
    stalls,
    stallOf: new Map(stalls.flatMap((stall) => stall.requests.map(({ where }) => [where, stall]))),
    events: evidence.workerEvents.filter(
      ({ atMs }) => atMs >= span.fromMs - aroundMs.before && atMs <= span.toMs + aroundMs.after,
    ),
    silent: silentNode(span, evidence),
    answered: nodesAnswered(span, evidence),
    stems: new Set(failures.filter(({ how }) => how === 'timed_out').map(({ stem }) => stem)).size,
  }
  return failures.map((failure) => blameOne(failure, context))
}

interface Context {
  readonly failures: readonly Failure[]
  readonly evidence: Evidence
  /** Those of its time. */
  readonly stalls: readonly Stall[]
  /** By the lines of the requests that waited in them. */
  readonly stallOf: ReadonlyMap<Where, Stall>
  readonly events: readonly WorkerEvent[]
  /** The only node that was sent nothing meanwhile. */
  readonly silent: string | undefined
  /** Whether nodes answered anybody meanwhile. */
  readonly answered: ReturnType<typeof nodesAnswered>
  /** At how many addresses requests timed out. */
  readonly stems: number
}

function blameOne(failure: Failure, context: Context): Blame {
  const { evidence, silent } = context
  const { how, startMs, endMs } = failure
  const own = new Set(failure.seen.map(({ where }) => context.stallOf.get(where)))
  const stalls = context.stalls.filter(
    (stall) => own.has(stall) || shareIn(stall, startMs + 1000, endMs - 1000) >= mostOfIt,
  )
  const seenOn = nodeOf(failure)
  const stalled = new Set(stalls.map(({ node }) => node))
  const events = context.events.filter(
    ({ atMs }) => atMs >= startMs - aroundMs.before && atMs <= endMs + aroundMs.after,
  )
  const recycled = new Set(events.map(({ computer }) => computer))
  const node =
    seenOn ??
    (how === 'timed_out' ? only(stalled) : undefined) ??
    (silentHows.has(how) ? silent : undefined) ??
    (how === 'timed_out' || how === 'died' || how === 'answered' ? only(recycled) : undefined)
  const stall = stalls.find((each) => each.node === node)
  const event = nearest(
    events.filter(({ computer }) => computer === node),
    startMs,
  )
  const marked = failure.seen.find(({ where }) => evidence.httpErrors.has(where))
  const httpError = marked && evidence.httpErrors.get(marked.where)
  const found = { failure, node, stall, event, httpError }
  const cause = causeOf(found, context)
  return { ...found, node: cause === 'balancer' ? 'balancer' : node, cause }
}

const only = (nodes: ReadonlySet<string>) => (nodes.size === 1 ? [...nodes][0] : undefined)

const silentHows: ReadonlySet<How> = new Set(['refused', 'tls', 'died', 'unresolved'])

function causeOf({ failure, node, stall, event, httpError }: Omit<Blame, 'cause'>, context: Context): Cause {
  switch (failure.how) {
    case 'timed_out':
      if (stall !== undefined || event?.reason !== undefined) return 'cold_start'
      if (node !== undefined) return 'timeout'
      // One slow page is slow at one address; a node that starts keeps everybody waiting.
      return context.stems > 1 ? 'cold_start' : 'timeout'
    case 'died':
      if (event?.reason !== undefined || httpError !== undefined) return 'recycle'
      return context.failures.length <= fewStale && context.failures.every(isStale)
        ? 'stale_connection'
        : 'node_down'
    case 'none_healthy':
      return context.answered === 'none' ? 'node_down' : 'balancer'
    case 'queue_full':
      return 'overload'
    case 'answered':
      return httpError?.reason === 'QueueFull'
        ? 'overload'
        : event?.reason !== undefined
          ? 'recycle'
          : 'node_down'
    case 'refused':
    case 'cut_off':
    case 'tls':
    case 'unresolved':
      return 'node_down'
    case 'other':
    case 'client_left':
      return 'unknown'
  }
}

const isStale = ({ how, takenMs }: Failure) => how === 'died' && takenMs < atOnceMs

/** A balancer's health test comes as often by default, in milliseconds. */
const healthEveryMs = 30_000

/** Whether nodes answered anybody while the balancer had none to ask; in a short time the test may not have come. */
export function nodesAnswered({ fromMs, toMs }: Span, { nodes }: Evidence): 'some' | 'none' | 'unknown' {
  if (nodes.some(({ quick }) => quick.between(fromMs, toMs) > 0)) return 'some'
  return nodes.length === 0 || toMs - fromMs < healthEveryMs ? 'unknown' : 'none'
}

/** The node on which the request was seen; where several had such a request, the one that waited as long. */
function nodeOf({ seen, endMs, takenMs, how }: Failure): string | undefined {
  const sure = seen.find(({ by }) => by === 'id' || by === 'trace' || by === 'http_error')
  if (sure !== undefined) return sure.node
  const fits = seen.filter((each) => fitsWell(each, { endMs, takenMs, how }))
  const nodes = new Set((fits.length > 0 ? fits : how === 'timed_out' ? seen : []).map(({ node }) => node))
  return nodes.size === 1 ? [...nodes][0] : undefined
}

/** A request that timed out goes on at the node; one that was answered an error ended there with it. */
function fitsWell(seen: Seen, { endMs, how }: Pick<Failure, 'endMs' | 'takenMs' | 'how'>): boolean {
  if (how === 'timed_out') return seen.endMs >= endMs - 2000
  return how === 'answered' ? /^50[0-4]/.test(seen.code) : how === 'cut_off'
}

/** The one node that was sent nothing while requests failed, where others were, and it was before and after. */
function silentNode({ fromMs, toMs }: Span, { nodes }: Evidence): string | undefined {
  if (nodes.length < 2) return undefined
  const gaps = nodes
    .map(({ node, sent }) => {
      const before = sent.near(fromMs, -1) ?? fromMs - 86_400_000
      const after = sent.near(toMs, 1) ?? toMs + 86_400_000
      const within = sent.between(fromMs + 1000, toMs - 1000)
      const hour = sent.between(fromMs - 3_600_000, fromMs)
      return { node, within, expected: ((after - before) / 3_600_000) * hour }
    })
    .filter(({ within }) => within === 0)
    .sort((a, b) => b.expected - a.expected)
  const [first, second] = gaps
  // A gap of so many usual ones is chance in one of 90 cases, and twenty times as rare as the next node's.
  return first !== undefined && first.expected > 4.5 && first.expected > (second?.expected ?? 0) + 3
    ? first.node
    : undefined
}

function nearest(events: readonly WorkerEvent[], atMs: number): WorkerEvent | undefined {
  return events.toSorted((a, b) => Math.abs(a.atMs - atMs) - Math.abs(b.atMs - atMs))[0]
}
