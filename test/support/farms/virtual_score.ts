/** Holds what was reported of a farm in virtual time against what really happened. */

import type { Watched } from '../../../proof/truth/simulated/watch_farm.ts'
import type { BalancerError, FirstRequest, Recycle } from '../../../src/model/event.ts'
import type { RecycleTruth, TruthEvent } from '../../../src/simulator/farm/true_events.ts'

export interface RecycleScore {
  readonly found: number
  readonly missed: readonly RecycleTruth[]
  readonly wrong: readonly Recycle[]
}

/** What happens so shortly before the end is not reported of any more. */
const lastWordsMs = 300_000

/** What really happened, of one kind. */
const ofKind = <K extends TruthEvent['kind']>({ truth, endMs }: Watched, kind: K) =>
  truth.filter(({ kind: each, atMs }) => each === kind && atMs < endMs - lastWordsMs) as Extract<
    TruthEvent,
    { kind: K }
  >[]

/** `counts`: whether a recycle ought to be found; others may be, without being wrong. */
export function scoreRecycles(run: Watched, counts: (recycle: RecycleTruth) => boolean): RecycleScore {
  const real = run.truth.filter((event) => event.kind === 'recycle')
  const reported = run.events.filter((event): event is Recycle => event.kind === 'recycle')
  const must = ofKind(run, 'recycle').filter(counts)
  return {
    found: must.filter((truth) => reported.some((event) => near(event, truth))).length,
    missed: must.filter((truth) => !reported.some((event) => near(event, truth))),
    wrong: reported.filter((event) => !real.some((truth) => near(event, truth))),
  }
}

const near = (event: Recycle, truth: RecycleTruth): boolean =>
  event.target === truth.node &&
  event.atMs > truth.atMs - 30_000 &&
  event.atMs < truth.servesMs + truth.coldMs + 90_000

export interface BlameScore {
  readonly total: number
  readonly named: number
  readonly right: number
  readonly unknown: number
  readonly untold: number
  readonly wrong: readonly string[]
}

export function scoreBlame(run: Watched): BlameScore {
  const reported = new Map(
    run.events
      .filter((event): event is BalancerError => event.kind === 'balancer_error')
      .map((event) => [event.id, event]),
  )
  let named = 0
  let right = 0
  let unknown = 0
  let untold = 0
  const wrong: string[] = []
  const errors = ofKind(run, 'balancer_error')
  for (const truth of errors) {
    const event = reported.get(truth.id)
    if (event === undefined) {
      untold++
      continue
    }
    if (event.node === 'unknown') {
      unknown++
      wrong.push(
        `${(truth.atMs - run.startMs) / 1000} unknown, was ${truth.nodes.join('/')} ${truth.cause} ${truth.status} ${truth.firstByteMs.toFixed(0)}`,
      )
      continue
    }
    named++
    if (truth.nodes.includes(event.node) && [truth.cause, ...truth.alsoRight].includes(event.cause)) right++
    else
      wrong.push(
        `${(truth.atMs - run.startMs) / 1000} ${event.node} ${event.cause}, was ${truth.nodes.join('/')} ${truth.cause} ${truth.status} ${truth.firstByteMs.toFixed(0)}`,
      )
  }
  return { total: errors.length, named, right, unknown, untold, wrong }
}

/** Errors, in milliseconds, of the first requests reported whose probe was the worker's first. */
export function scoreFirstRequests(run: Watched): number[] {
  const reported = run.events.filter((event): event is FirstRequest => event.kind === 'first_request')
  return ofKind(run, 'first_request')
    .filter(({ from, of }) => from === 'probe' && of === 'worker')
    .map((truth) => {
      const event = reported.find(
        ({ target, atMs }) => target === truth.node && Math.abs(atMs - truth.atMs) < 2000,
      )
      return event === undefined ? Number.POSITIVE_INFINITY : Math.abs(event.firstByteMs - truth.ms)
    })
}

/** Outages of nodes that lasted at least so long: how far the reported length is off, in milliseconds; infinite when missed. */
export function scoreOutages(run: Watched, leastMs: number): number[] {
  const closed = run.events.filter((event) => event.kind === 'outage_closed')
  return ofKind(run, 'outage')
    .filter(({ atMs, toMs }) => toMs - atMs >= leastMs)
    .map((truth) => {
      const event = closed.find(
        ({ target, atMs, lengthMs }) =>
          target === truth.target && atMs < truth.toMs && atMs + lengthMs > truth.atMs,
      )
      return event === undefined ? Number.POSITIVE_INFINITY : event.lengthMs - (truth.toMs - truth.atMs)
    })
}
