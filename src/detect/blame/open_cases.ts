/** Errors of the balancer whose culprit is being looked for, until the evidence is in or its time is up. */

import { endedMs, type Outcome } from '../../model/outcome.ts'
import type { FarmWatch, Tell } from '../farm_state.ts'
import { during } from '../recent_answers.ts'
import { tokenIsOf } from '../recycle/identity.ts'
import { type Blame, blame, evidenceTimes, type NodeView } from './attribution.ts'
import {
  createProxyTimeout,
  observeGatewayLatency,
  type ProxyTimeout,
  proxyTimeoutMs,
} from './proxy_timeout.ts'

/** Open cases; beyond it the oldest is closed with what is known. */
const most = 256
/** What was seen of the nodes this long before and after an error may explain it, in milliseconds. */
const lookAroundMs = 20_000
/** Questions are asked again after this, and ever less often. */
const askEveryMs = 1000

/** A run of errors that no success of the balancer interrupts, by check. */
interface Run {
  count: number
}

interface Case {
  readonly error: Outcome
  readonly run: Run
  askAtMs: number
  lastMs: number
}

export interface Inquiry {
  cases: Case[]
  readonly runs: Map<string, Run>
  readonly proxyTimeout: ProxyTimeout
}

export const createInquiry = (): Inquiry => ({
  cases: [],
  runs: new Map(),
  proxyTimeout: createProxyTimeout(),
})

/** A success of the balancer ends the run of errors of its check. */
export function endRun({ runs }: Inquiry, check: string): void {
  if (runs.size > 0) runs.delete(check)
}

/** Opens a case for an error of the balancer; `timeoutMs` is its check's. */
export function openCase(watch: FarmWatch, error: Outcome, timeoutMs: number, tell: Tell): void {
  const { inquiry } = watch
  const run = inquiry.runs.get(error.check) ?? { count: 0 }
  run.count++
  inquiry.runs.set(error.check, run)
  if (error.status !== 0) observeGatewayLatency(inquiry.proxyTimeout, error.firstByteMs ?? error.totalMs)
  const { firstMs, lastMs } = evidenceTimes(error, timeoutMs)
  inquiry.cases.push({ error, run, askAtMs: firstMs, lastMs })
  if (inquiry.cases.length > most) conclude(watch, inquiry.cases.shift() as Case, true, tell)
}

/** Closes the cases that can be closed now. */
export function advanceInquiry(watch: FarmWatch, tell: Tell): void {
  const { inquiry, nowMs } = watch
  if (inquiry.cases.length === 0) return
  inquiry.cases = inquiry.cases.filter((each) => {
    if (nowMs < each.askAtMs) return true
    each.askAtMs = nowMs + Math.max(askEveryMs, (nowMs - endedMs(each.error)) / 2)
    return !conclude(watch, each, nowMs >= each.lastMs, tell)
  })
}

/** Tells who is to blame; false when better evidence may still come. */
function conclude(watch: FarmWatch, { error, run }: Case, final: boolean, tell: Tell): boolean {
  const question = {
    error,
    proxyTimeoutMs: proxyTimeoutMs(watch.inquiry.proxyTimeout),
    named: namedNode(watch, error),
    runLength: run.count,
  }
  const found = blame(question, views(watch, error), final)
  if (found !== undefined) report(error, found, tell)
  return found !== undefined
}

function views(watch: FarmWatch, error: Outcome): NodeView[] {
  const fromMs = error.startedMs - lookAroundMs
  const toMs = endedMs(error) + lookAroundMs
  return [...watch.nodes.values()].map((node) => ({
    name: node.name,
    sightings: during(node.history, fromMs, toMs),
    recycles: node.recycles.told,
  }))
}

/** The node that the error answer itself comes from, when it says so. */
function namedNode(watch: FarmWatch, { servedBy, identity }: Outcome): string | undefined {
  const named = servedBy === undefined ? undefined : watch.nodeNames(servedBy)
  if (named !== undefined) return named
  if (identity === undefined) return undefined
  for (const node of watch.nodes.keys())
    for (const series of watch.series.get(node)?.values() ?? [])
      if (tokenIsOf(series.identity, identity)) return node
  return undefined
}

function report(error: Outcome, { node, cause }: Blame, tell: Tell): void {
  tell({
    kind: 'balancer_error',
    atMs: error.startedMs,
    check: error.check,
    id: error.id,
    lane: error.lane,
    status: error.status,
    origin: error.origin ?? 'unknown',
    ...(error.tells !== undefined && { tells: error.tells }),
    firstByteMs: error.firstByteMs ?? error.totalMs,
    node,
    cause,
  })
}
