/** Turns the logs of a farm into what really happened to it and to each probe. */

import type { Outcome, Phase } from '../../../../src/model/outcome.ts'
import type { RecycleCause } from '../../../../src/simulator/farm/true_events.ts'
import type { Kind } from '../kind.ts'
import type { FarmLogs, NodeLogs } from '../run/run_farm.ts'
import { readApplicationLog } from './application_log.ts'
import { balancerErrors } from './balancer_errors.ts'
import { firstRequestOf, recycleOf } from './recycles.ts'
import { stallsOf } from './stalls.ts'
import type { NodeStallTruth, OutageTruth, WorkerTruth, ZooTruth } from './vocabulary.ts'
import { type Arrivals, type Worker, workersOf } from './workers.ts'

/** The logs about one probe. */
export interface ProbeLog {
  /** The node that received it, or that the balancer tried last; absent when unknown. */
  readonly node?: string
  /** The worker that answered. */
  readonly token?: string
  /** When the application received it, and the end of the request, wall milliseconds. */
  readonly cameMs?: number
  readonly endMs?: number
  /** The balancer's own words about its error. */
  readonly error?: string
}

export interface FarmTruth {
  readonly truth: readonly ZooTruth[]
  /** By the probe's id. */
  readonly probes: ReadonlyMap<string, ProbeLog>
}

export function farmTruth(kind: Kind, logs: FarmLogs): FarmTruth {
  const outcomes = logs.outcomes.map(({ outcome }) => outcome)
  const arrivals = arrivalsOf(outcomes, logs)
  const watched = { fromMs: logs.startMs, toMs: logs.endMs }
  const workers: Worker[] = []
  const happened: (WorkerTruth | NodeStallTruth)[] = []
  for (const node of logs.nodes) {
    const own = workersOfNode(kind, node, arrivals, logs.startMs)
    workers.push(...own)
    happened.push(
      ...recyclesOf(kind, own, logs.actions),
      ...stallsOf(node.name, own, kind.concurrency, node.pauses ?? [], watched),
    )
  }
  const names = new Map(logs.nodes.map(({ name, address }) => [address, name]))
  const nameOf = (tried: string) => names.get(tried) ?? logs.nodes.find(({ name }) => name === tried)?.name
  const firsts = workers.filter(({ original }) => !original).map(firstRequestOf)
  const truth: ZooTruth[] = [
    ...happened,
    ...firsts.filter((first) => first !== undefined),
    ...(kind.refuses === true ? outagesOf(happened) : []),
    ...balancerErrors(outcomes, logs.balancer, happened, nameOf),
    ...logs.weather.flatMap(({ fromMs: atMs, toMs, held = false }): ZooTruth[] =>
      held
        ? logs.nodes.map(({ name }) => ({
            kind: 'node_stall',
            node: name,
            cause: 'network',
            atMs,
            toMs,
            busyWith: [],
          }))
        : [{ kind: 'weather', atMs, toMs, addMs: kind.weather?.delayMs ?? 0 }],
    ),
    ...logs.disturbances.map(({ fromMs, toMs }) => ({ kind: 'stall' as const, atMs: fromMs, toMs })),
  ]
  return {
    truth: truth.sort((a, b) => a.atMs - b.atMs),
    probes: probeLogs(outcomes, workers, logs, nameOf),
  }
}

function workersOfNode(kind: Kind, node: NodeLogs, arrivals: Arrivals, startMs: number): Worker[] {
  const { name, lines, ends = [], requests = [] } = node
  const logged = readApplicationLog(lines)
  const records = { node: name, logged, grows: kind.concurrency.grows === true, ends, requests }
  return workersOf(records, arrivals, startMs)
}

function arrivalsOf(outcomes: readonly Outcome[], { users, balancer }: FarmLogs): Arrivals {
  const sent = new Map<string, { atMs: number; direct: boolean }>()
  for (const { id, atMs } of [...users, ...balancer]) sent.set(id, { atMs, direct: false })
  for (const outcome of outcomes)
    sent.set(outcome.id, { atMs: requestedMs(outcome), direct: outcome.role === 'node' })
  return (id) => sent.get(id)
}

const beforeRequest: readonly Phase[] = ['resolve', 'connect', 'tls', 'request']

/** When a probe had sent its request, wall milliseconds. */
export const requestedMs = ({ startedMs, phaseMs }: Outcome): number =>
  startedMs + beforeRequest.reduce((sum, phase) => sum + (phaseMs[phase] ?? 0), 0)

const causeOf: Readonly<Record<string, RecycleCause>> = { kill: 'crash', crash: 'crash', restart: 'deploy' }

/** An action shows its effect within this time. */
const effectMs = 15_000

function recyclesOf(kind: Kind, workers: readonly Worker[], actions: FarmLogs['actions']): WorkerTruth[] {
  return workers
    .filter(({ original, readyMs }) => !original && Number.isFinite(readyMs))
    .map((worker) => {
      const { node, bornMs } = worker
      const taken = actions.findLast(
        (each) => each.node === node && each.atMs <= bornMs && each.atMs > bornMs - effectMs,
      )
      const cause = taken === undefined ? kind.cause : (causeOf[taken.action] ?? 'demand')
      return recycleOf(worker, kind.concurrency.workers, cause)
    })
}

/** Connections are refused while the process that listens is gone. */
const outagesOf = (happened: readonly (WorkerTruth | NodeStallTruth)[]): OutageTruth[] =>
  happened.flatMap((event) =>
    event.kind === 'node_stall' && event.cause === 'start'
      ? [{ kind: 'outage', atMs: event.atMs, toMs: event.toMs, target: event.node, how: 'refused' }]
      : [],
  )

function probeLogs(
  outcomes: readonly Outcome[],
  workers: readonly Worker[],
  { balancer }: FarmLogs,
  nameOf: (tried: string) => string | undefined,
): Map<string, ProbeLog> {
  const answered = new Map<string, ProbeLog>()
  for (const { node, token, requests } of workers)
    for (const { id, cameMs, endMs } of requests) answered.set(id, { node, token, cameMs, endMs })
  const lines = new Map(balancer.map((line) => [line.id, line]))
  return new Map(
    outcomes.map(({ id, role, target }) => {
      const line = lines.get(id)
      const last = line?.tried.at(-1)
      const node = role === 'node' ? target : last === undefined ? undefined : nameOf(last)
      return [
        id,
        {
          ...(node === undefined ? {} : { node }),
          ...answered.get(id),
          ...(line === undefined || line.error === '' ? {} : { error: line.error }),
        },
      ]
    }),
  )
}
