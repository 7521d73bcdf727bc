/**
 * Which reported recycle belongs to which recycle that happened.
 *
 * A new worker may be reported from ten seconds before its process was started (or before the outage began that it came
 * up after) until it was warm and every worker of its pool had its turn to be asked. One worker, one report: a second
 * report of the same recycle is wrong. The workers of a web garden that are replaced together are one recycle: one report
 * finds it, and at most as many reports as there are new workers are right.
 */
import type { Recycle } from '../../../src/model/event.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import type {
  FirstRequestTruth,
  OutageTruth,
  RecycleTruth,
  TruthEvent,
} from '../../../src/simulator/farm/true_events.ts'
import { intervalOf, ofKind } from './scored_window.ts'
import { pairUp, type Window } from './windows.ts'

/** The workers of one pool that were replaced together, and the first requests that they had. */
export interface RealRecycle {
  readonly node: string
  readonly app: string
  readonly atMs: number
  readonly workers: readonly RecycleTruth[]
  readonly firstRequests: readonly FirstRequestTruth[]
  /** The reports of it, at most one for each worker. */
  readonly reported: readonly Recycle[]
}

export interface MatchedRecycles {
  readonly real: readonly RealRecycle[]
  /** Reports of what did not happen or had been reported before. */
  readonly wrong: readonly Recycle[]
}

const slackMs = 10_000

export function matchRecycles(
  truth: readonly TruthEvent[],
  reported: readonly Recycle[],
  scenario: Scenario,
): MatchedRecycles {
  const workers = ofKind(truth, 'recycle')
  const firsts = ofKind(truth, 'first_request').filter((each) => each.of === 'worker')
  const outages = ofKind(truth, 'outage')
  const real: RealRecycle[] = []
  const wrong: Recycle[] = []
  for (const { name } of scenario.nodes) {
    const own = workers.filter(({ node }) => node === name)
    const reports = reported.filter(({ target }) => target === name)
    const requests = firstRequestsOf(
      own,
      firsts.filter(({ node }) => node === name),
    )
    const ownOutages = outages.filter(({ target }) => target === name)
    const windows = own.map((worker) => windowOf(worker, requests.get(worker), ownOutages, scenario))
    const pairs = pairUp(
      windows,
      reports.map(({ atMs }) => atMs),
    )
    for (const group of together(own)) {
      const found = group.flatMap((worker) => {
        const index = pairs[own.indexOf(worker)]
        return index === undefined ? [] : [reports[index] as Recycle]
      })
      const firstRequests = group.flatMap((worker) => requests.get(worker) ?? [])
      const { node, app, atMs } = group[0] as RecycleTruth
      real.push({ node, app, atMs, workers: group, firstRequests, reported: found })
    }
    wrong.push(...reports.filter((_, index) => !pairs.includes(index)))
  }
  return { real, wrong }
}

/** When a report of a worker is right. */
function windowOf(
  worker: RecycleTruth,
  first: FirstRequestTruth | undefined,
  outages: readonly OutageTruth[],
  scenario: Scenario,
): Window {
  const { node, app, atMs, servesMs, coldMs } = worker
  const intervalMs = intervalOf(scenario, node, app)
  const warmMs = Math.max(servesMs + coldMs, first === undefined ? 0 : first.atMs + first.ms)
  const before = outages.findLast(
    (outage) => outage.atMs < atMs && outage.toMs > atMs - slackMs - 2 * intervalMs,
  )
  return {
    fromMs: Math.min(atMs, before?.atMs ?? atMs) - slackMs,
    toMs: warmMs + slackMs + intervalMs * turnsOf(workersOf(scenario, node, app)),
  }
}

/** After this many requests nearly every worker of a pool has had one, when they are distributed at random. */
const turnsOf = (workers: number): number => (workers === 1 ? 2 : 7 * workers)

const workersOf = (scenario: Scenario, node: string, app: string): number =>
  scenario.nodes.find(({ name }) => name === node)?.apps.find(({ path }) => path === app)?.pool.workers ?? 1

/** The first request that each worker had; a worker replaced before anybody asked had none. */
function firstRequestsOf(
  workers: readonly RecycleTruth[],
  firsts: readonly FirstRequestTruth[],
): Map<RecycleTruth, FirstRequestTruth> {
  const found = new Map<RecycleTruth, FirstRequestTruth>()
  for (const worker of workers) {
    if (worker.preloaded) continue
    const next = workers.find((other) => isSamePlace(other, worker) && other.atMs > worker.atMs)
    const first = firsts.find(
      ({ app, atMs, ms }) =>
        app === worker.app &&
        atMs >= worker.atMs &&
        atMs < (next?.servesMs ?? Number.POSITIVE_INFINITY) &&
        Math.abs(atMs + ms - (Math.max(atMs, worker.servesMs) + worker.coldMs)) < 1,
    )
    if (first !== undefined) found.set(worker, first)
  }
  return found
}

const isSamePlace = (a: RecycleTruth, b: RecycleTruth) => a.app === b.app && a.worker === b.worker

/** Workers of one pool, in order of time, whose starts were ordered at the same moment. */
function together(workers: readonly RecycleTruth[]): RecycleTruth[][] {
  const groups: RecycleTruth[][] = []
  for (const worker of workers) {
    const group = groups.find(
      (each) => each[0]?.app === worker.app && Math.abs((each[0]?.atMs ?? 0) - worker.atMs) < 1000,
    )
    if (group === undefined || group.some((each) => each.worker === worker.worker)) groups.push([worker])
    else group.push(worker)
  }
  return groups
}
