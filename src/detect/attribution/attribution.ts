/** Errors of the balancer, each attributed to a node and a cause once the evidence is in, or its time is up. */
import type { Check } from '../../model/farm.ts'
import { endedMs, type Outcome } from '../../model/outcome.ts'
import type { Detector, Emit } from '../detector.ts'
import { createMemory } from '../memories.ts'
import type { RecentAnswers } from '../recent_answers.ts'
import type { Identities } from '../recycle/identities.ts'
import type { Recycles } from '../recycle/recycles.ts'
import type { Scope } from '../sample.ts'
import { listOf, number } from '../shape.ts'
import { type Blame, blame, evidenceTimes, isBalancerError } from './culprit.ts'

/** Open errors; beyond it the oldest is attributed with what is known. */
const most = 256
/** What was seen of the nodes this long before and after an error may explain it, in milliseconds. */
const lookAroundMs = 20_000
/** An error is looked at again after this, and ever less often. */
const lookEveryMs = 1000

/** Errors of one check that no success of the balancer interrupts. */
interface Run {
  count: number
}

/** An error that is not attributed yet. */
interface OpenError {
  error: Outcome
  readonly run: Run
  lookAtMs: number
  /** When it is attributed at the latest. */
  lastMs: number
}

interface AttributionNeeds {
  readonly answers: RecentAnswers
  readonly identities: Identities
  readonly recycles: Recycles
}

export function createAttribution(emit: Emit, needs: AttributionNeeds): Detector {
  const { answers, identities, recycles } = needs
  let scope: Scope | undefined
  let open: OpenError[] = []
  /** By check. */
  const runs = new Map<string, Run>()
  /** Of the last errors that the balancer answered, in milliseconds. */
  const latencies = createMemory(listOf(number))

  function add(error: Outcome, { timeoutMs }: Check): void {
    const run = runs.get(error.check) ?? { count: 0 }
    run.count++
    runs.set(error.check, run)
    if (error.status !== 0) latencies.state = withLatency(latencies.state, latencyMs(error))
    const { firstMs, lastMs } = evidenceTimes(error, timeoutMs)
    open.push({ error, run, lookAtMs: firstMs, lastMs })
    const oldest = open.length > most ? open.shift() : undefined
    if (oldest !== undefined) attribute(oldest, true)
  }

  /** Reports who is to blame; false when better evidence may still come. */
  function attribute({ error, run }: OpenError, final: boolean): boolean {
    const nodes = scope?.farm.nodes ?? []
    const views = nodes.map(({ name }) => ({
      name,
      answers: answers.during(name, error.startedMs - lookAroundMs, endedMs(error) + lookAroundMs),
      recycles: recycles.of(name),
    }))
    const proxyTimeoutMs = gatheredMs(latencies.state)
    const found = blame({ error, proxyTimeoutMs, named: namedBy(error), runLength: run.count }, views, final)
    if (found !== undefined) emit(eventOf(error, found))
    return found !== undefined
  }

  /** The node that the error answer itself comes from, when it says so. */
  function namedBy({ servedBy, identity }: Outcome): string | undefined {
    const named = servedBy === undefined ? undefined : scope?.nodeNames(servedBy)
    return named ?? (identity === undefined ? undefined : identities.nodeOf(identity))
  }

  return {
    // Open errors are not kept: what the nodes did around them is not known after a restart.
    ...latencies,
    setFarm(next) {
      scope = next
    },
    observe({ outcome, proof, series }) {
      if (series.target.role !== 'balancer') return
      if (proof === 'ok') runs.delete(outcome.check)
      else if (isBalancerError(outcome, proof)) add(outcome, series.check)
    },
    advance(nowMs) {
      open = open.filter((each) => {
        if (nowMs < each.lookAtMs) return true
        each.lookAtMs = nowMs + Math.max(lookEveryMs, (nowMs - endedMs(each.error)) / 2)
        return !attribute(each, nowMs >= each.lastMs)
      })
    },
    shift(byMs) {
      for (const each of open) {
        each.error = { ...each.error, startedMs: each.error.startedMs - byMs }
        each.lookAtMs -= byMs
        each.lastMs -= byMs
      }
    },
  }
}

const latencyMs = ({ firstByteMs, totalMs }: Outcome): number => firstByteMs ?? totalMs

const eventOf = (error: Outcome, { node, cause }: Blame): Parameters<Emit>[0] => ({
  kind: 'balancer_error',
  atMs: error.startedMs,
  check: error.check,
  id: error.id,
  lane: error.lane,
  status: error.status,
  origin: error.origin ?? 'unknown',
  ...(error.tells !== undefined && { tells: error.tells }),
  firstByteMs: latencyMs(error),
  node,
  cause,
})

/** How the time that a balancer waits for a node shows: the latencies of its errors gather there. */
const gathering = { remembered: 32, fewest: 3, tolerance: 0.02 }
/** Shorter latencies are refusals, not time-outs. */
const leastLatencyMs = 500

const withLatency = (latenciesMs: number[], ms: number): number[] =>
  ms < leastLatencyMs ? latenciesMs : [...latenciesMs, ms].slice(-gathering.remembered)

/** The latency at which most of the errors gather; undefined while fewer than three do. */
function gatheredMs(latenciesMs: readonly number[]): number | undefined {
  let best: readonly number[] = []
  for (const centreMs of latenciesMs) {
    const near = latenciesMs.filter((ms) => Math.abs(ms - centreMs) <= centreMs * gathering.tolerance)
    if (near.length > best.length) best = near
  }
  return best.length < gathering.fewest ? undefined : [...best].sort((a, b) => a - b)[best.length >> 1]
}
