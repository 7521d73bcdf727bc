/** A simulated farm in the vocabulary of the zoo, so that both have the same scores. */
import type { OnJudged } from '../../../../src/detect/recycle/cold_starts.ts'
import type { Outcome } from '../../../../src/model/outcome.ts'
import type { Scenario } from '../../../../src/simulator/farm/blueprint.ts'
import type {
  FirstRequestTruth,
  OutageTruth,
  RecycleTruth,
  TruthEvent,
} from '../../../../src/simulator/farm/true_events.ts'
import { scoredWindow } from '../../scores/scored_window.ts'
import { watchFarm } from '../../simulated/watch_farm.ts'
import type { ProbeLog } from '../truth/farm_truth.ts'
import type { NodeStallTruth, WorkerTruth, ZooTruth } from '../truth/vocabulary.ts'
import type { ScoredFarm } from './scored_farm.ts'

/** Watches a simulated farm for `forMs`. It has no configuration and cannot be replayed. */
export async function watchSimulated(
  scenario: Scenario,
  seed: number,
  forMs: number,
  onJudged?: OnJudged,
): Promise<ScoredFarm> {
  const posted: { outcome: Outcome; postedMs: number }[] = []
  const { events, truth, startMs, endMs } = await watchFarm(scenario, seed, forMs, {
    ...(onJudged && { onJudged }),
    outcome: (outcome) => posted.push({ outcome, postedMs: outcome.startedMs + outcome.totalMs }),
  })
  return {
    events,
    recording: {
      kind: scenario.name,
      intervalMs: Math.min(...scenario.checks.map(({ intervalMs }) => intervalMs)),
      identity: scenario.identity,
      seed,
      config: {},
      startMs,
      endMs,
      scored: scoredWindow({ scenario, startMs, endMs }),
      truth: truth.flatMap((event) => asZooTruth(event, truth, scenario)),
      probes: posted.map(({ outcome, postedMs }) => ({ outcome, postedMs, log: logOf(outcome, truth) })),
    },
  }
}

/** The log that a simulated node would write: the shown worker, otherwise the latest that had started. */
function logOf(outcome: Outcome, truth: readonly TruthEvent[]): ProbeLog {
  const { role, target, identity, reason, startedMs, firstByteMs } = outcome
  if (role !== 'node') return {}
  if (reason !== 'ok' || firstByteMs === undefined) return { node: target }
  const endMs = startedMs + firstByteMs
  const last = truth.findLast(
    (event) => event.kind === 'recycle' && event.node === target && event.servesMs <= endMs,
  )
  const token = identity ?? (last?.kind === 'recycle' ? last.token : undefined)
  return { node: target, ...(token === undefined ? {} : { token }), cameMs: startedMs, endMs }
}

function asZooTruth(event: TruthEvent, truth: readonly TruthEvent[], scenario: Scenario): ZooTruth[] {
  if (event.kind === 'recycle') return [workerTruth(event, truth, scenario)]
  if (event.kind === 'first_request') {
    const worker = truth.find((each) => each.kind === 'recycle' && isFirstOf(event, each))
    const token = worker?.kind === 'recycle' ? worker.token : ''
    const waits = [stallOf(event.node, event.atMs, event.atMs + event.ms)]
    return [{ ...event, token, id: '' }, ...(workersOf(scenario, event.node, event.app) === 1 ? waits : [])]
  }
  return event.kind === 'outage' && isSilent(event)
    ? [event, stallOf(event.target, event.atMs, event.toMs)]
    : [event]
}

/** An outage that ended up to this long before a worker's start belongs to its restart. */
const mendedMs = 20_000

function workerTruth(event: RecycleTruth, truth: readonly TruthEvent[], scenario: Scenario): WorkerTruth {
  const { node, app, atMs, servesMs, coldMs, overlapped } = event
  const outage = truth.find(
    (each) =>
      each.kind === 'outage' && each.target === node && each.atMs < atMs && each.toMs > atMs - mendedMs,
  )
  return {
    ...event,
    lastMs: outage?.atMs ?? (overlapped ? servesMs : atMs),
    warmMs: servesMs + coldMs,
    drainedMs: servesMs + coldMs,
    of: workersOf(scenario, node, app),
    grown: false,
  }
}

const isFirstOf = (first: FirstRequestTruth, worker: RecycleTruth): boolean =>
  first.of === 'worker' &&
  worker.node === first.node &&
  worker.app === first.app &&
  Math.abs(first.atMs + first.ms - (Math.max(first.atMs, worker.servesMs) + worker.coldMs)) < 1

const isSilent = ({ target, how }: OutageTruth): boolean => target !== 'balancer' && how === 'unanswered'

const stallOf = (node: string, atMs: number, toMs: number): NodeStallTruth => ({
  kind: 'node_stall',
  node,
  cause: 'start',
  atMs,
  toMs,
  busyWith: [],
})

const workersOf = ({ nodes }: Scenario, node: string, app: string): number =>
  nodes.find(({ name }) => name === node)?.apps.find(({ path }) => path === app)?.pool.workers ?? 1
