/** Errors of the balancer, each attributed to a node and a cause once the evidence is in, or its time is up. */
import type { Check } from '../../model/farm.ts'
import type { Cause } from '../../model/incident.ts'
import { endedMs, type Outcome } from '../../model/outcome.ts'
import { minuteMs } from '../../runtime/duration.ts'
import { least } from '../../runtime/extremes.ts'
import type { Detector, Emit } from '../detector.ts'
import { createMemory } from '../memories.ts'
import type { Links } from '../node_links.ts'
import { isAnswered, type RecentAnswers } from '../recent_answers.ts'
import type { Identities } from '../recycle/identities.ts'
import type { Recycles } from '../recycle/recycles.ts'
import type { Scope } from '../sample.ts'
import { type Blame, blame, isBalancerError, latencyMs, recycleDuring } from './culprit.ts'
import { attributionState, type KeptError, type OpenError } from './open_errors.ts'
import { isLone, isRepeated, withLone } from './stale_connections.ts'

/** Open errors; beyond it the oldest is attributed with what is known. */
const most = 256
/** What was seen of the nodes this long before and after an error may explain it, in milliseconds. */
const lookAroundMs = 20_000
/** An error is looked at so long after its end first, then again after `lookEveryMs` and ever less often. */
const firstLookMs = 1500
const lookEveryMs = 1000
/** So long after its time-out it is attributed with what is known. */
const lastLookMs = 10_000
/** Nine in ten recycles are known so long after the node has answered again, in milliseconds. */
const knownWithinMs = 5000
/** A node that answers nobody for longer is not starting: as long as first requests are waited for, in milliseconds. */
const longestStartMs = 2 * minuteMs

interface AttributionNeeds {
  readonly answers: RecentAnswers
  readonly identities: Identities
  readonly links: Links
  readonly recycles: Recycles
}

export function createAttribution(emit: Emit, needs: AttributionNeeds): Detector {
  const { answers, identities, links, recycles } = needs
  let scope: Scope | undefined
  const memory = createMemory(attributionState)
  /** By check. */
  const runs = new Map<string, { readonly id: string; readonly idleMs: number; length: number }>()

  function add(outcome: Outcome, { timeoutMs }: Check, idleMs: number): void {
    const run = runs.get(outcome.check) ?? { id: outcome.id, idleMs, length: 0 }
    run.length++
    runs.set(outcome.check, run)
    const { state } = memory
    for (const each of state.open) if (each.run === run.id) each.runLength = run.length
    const endMs = endedMs(outcome)
    state.open.push({
      error: kept(outcome),
      run: run.id,
      runLength: run.length,
      idleMs: run.idleMs,
      lookAtMs: endMs + firstLookMs,
      lastMs: Math.max(endMs, outcome.startedMs + timeoutMs) + lastLookMs,
      stuck: undefined,
    })
    const oldest = state.open.length > most ? state.open.shift() : undefined
    if (oldest !== undefined) attribute(oldest, Number.POSITIVE_INFINITY)
  }

  /** Reports who is to blame; false when better evidence may still come. */
  function attribute(open: OpenError, nowMs: number): boolean {
    const { stuck: node, lastMs } = open
    const found: Blame | undefined =
      node === undefined ? blameNow(open, nowMs >= lastMs) : { node, cause: 'timeout' }
    if (found === undefined) return false
    if (found.cause !== 'timeout' || found.node === 'unknown') return report(open.error, found)
    open.stuck = found.node
    const cause = causeOfSilence(found.node, open.error, nowMs)
    return cause !== undefined && report(open.error, { ...found, cause })
  }

  function report(error: KeptError, found: Blame): true {
    emit(eventOf(error, found))
    return true
  }

  /** Why a node kept the balancer waiting: it was starting if it has a new worker when it answers again; undefined until then. */
  function causeOfSilence(node: string, error: KeptError, nowMs: number): Cause | undefined {
    const endMs = endedMs(error)
    const back = answers.during(node, endMs, nowMs).filter(isAnswered)
    const backMs = least(back.map((each) => each.endMs))
    if (recycleDuring(recycles.of(node), error.startedMs, Math.min(backMs, nowMs)) !== undefined)
      return 'cold_start'
    return nowMs >= Math.min(backMs + knownWithinMs, endMs + longestStartMs) ? 'timeout' : undefined
  }

  function blameNow(open: OpenError, final: boolean): Blame | undefined {
    const { error, runLength } = open
    const { state } = memory
    const nodes = scope?.farm.nodes ?? []
    const views = nodes.map(({ name }) => ({
      name,
      answers: answers.during(name, error.startedMs - lookAroundMs, endedMs(error) + lookAroundMs),
      recycles: recycles.of(name),
    }))
    const isStale = isLone(open) && isRepeated(state.lone, open)
    const link = links.failedAt(error.startedMs, endedMs(error))
    const question = { error, named: namedBy(error), runLength, isStale, link }
    const found = blame(question, views, final)
    if (found?.cleared && isLone(open)) state.lone = withLone(state.lone, open)
    return found
  }

  /** Takes in that the balancer was asked, and returns how long it had been asked nothing before. */
  function idleBefore({ startedMs }: Outcome): number {
    const { state } = memory
    const idleMs = Math.max(0, startedMs - (state.askedMs ?? startedMs))
    state.askedMs = Math.max(startedMs, state.askedMs ?? startedMs)
    return idleMs
  }

  /** The node that the error answer itself comes from, when it says so. */
  function namedBy({ servedBy, identity }: KeptError): string | undefined {
    const named = servedBy === undefined ? undefined : scope?.nodeNames(servedBy)
    return named ?? (identity === undefined ? undefined : identities.nodeOf(identity))
  }

  return {
    ...memory,
    setFarm(next) {
      scope = next
    },
    observe({ outcome, proof, series }) {
      if (series.target.role !== 'balancer') return
      const idleMs = idleBefore(outcome)
      if (proof === 'ok') runs.delete(outcome.check)
      else if (isBalancerError(outcome, proof)) add(outcome, series.check, idleMs)
    },
    advance(nowMs) {
      memory.state.open = memory.state.open.filter((each) => {
        if (nowMs < each.lookAtMs) return true
        const laterMs = Math.min((nowMs - endedMs(each.error)) / 2, each.lastMs - nowMs)
        each.lookAtMs = nowMs + Math.max(lookEveryMs, laterMs)
        return !attribute(each, nowMs)
      })
    },
  }
}

const kept = ({ id, traceId, check, lane, startedMs, totalMs, status, ...more }: Outcome): KeptError => {
  const { firstByteMs, origin, tells, servedBy, identity } = more
  const said = { firstByteMs, status, origin, tells, servedBy, identity }
  return { id, traceId, check, lane, startedMs, totalMs, ...said }
}

const eventOf = (error: KeptError, { node, cause, suspects }: Blame): Parameters<Emit>[0] => ({
  kind: 'balancer_error',
  atMs: error.startedMs,
  check: error.check,
  id: error.id,
  ...(error.traceId !== undefined && { traceId: error.traceId }),
  lane: error.lane,
  status: error.status,
  origin: error.origin ?? 'unknown',
  ...(error.tells !== undefined && { tells: error.tells }),
  firstByteMs: latencyMs(error),
  node,
  cause,
  ...(suspects !== undefined && { suspects }),
})
