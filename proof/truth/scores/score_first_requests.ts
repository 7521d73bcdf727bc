/**
 * How well first requests were measured: those that were our own probes, against the time they really took. Where the
 * balancer gave up waiting, that is the time the worker would have needed to answer, as probes of the node itself show.
 */
import type { FirstRequest } from '../../../src/model/event.ts'
import type { ColdWait } from '../simulated/probe_record.ts'
import type { Watched } from '../simulated/watch_farm.ts'
import { stamp } from './score_recycles.ts'
import { intervalOf, scoredWindow } from './scored_window.ts'
import { isIn } from './windows.ts'

export interface FirstRequestScore {
  /** First requests of a new worker that were our own probes. */
  readonly own: number
  readonly reported: number
  /** How far the time reported is from the time measured, in milliseconds, of each that was reported. */
  readonly errorsMs: readonly number[]
  /** First requests of users or health checks: only they could know how long those took. */
  readonly others: number
  readonly notes: readonly string[]
}

/** A report may be dated this much earlier or later than the request reached the node. */
const slackMs = 2000

export function scoreFirstRequests(watched: Watched): FirstRequestScore {
  const { record, events } = watched
  const span = scoredWindow(watched)
  const waits = record.coldWaits.filter(({ truth }) => truth.of === 'worker' && isIn(span, truth.atMs))
  const own = waits.filter(({ measured }) => measured !== undefined)
  const reported = events
    .filter((event) => event.kind === 'first_request')
    .filter(({ userFirst }) => !userFirst)
  const errors = own.map((wait) => errorOf(watched, wait, reported))
  return {
    own: own.length,
    reported: errors.filter((error) => error !== undefined).length,
    errorsMs: errors.filter((error) => error !== undefined),
    others: waits.length - own.length,
    notes: own.flatMap((wait, index) => {
      const error = errors[index]
      return error !== undefined && error < 250 ? [] : [note(watched, wait, error)]
    }),
  }
}

/** The error of the report that fits best; undefined when the first request was not reported. */
function errorOf(watched: Watched, wait: ColdWait, reported: readonly FirstRequest[]): number | undefined {
  const { truth, measured } = wait
  const trueMs = trueTime(watched, wait)
  const patienceMs = truth.ms + slackMs + intervalOf(watched.scenario, truth.node, truth.app)
  const near = reported.filter(
    ({ target, check, atMs }) =>
      target === truth.node &&
      check === measured?.check &&
      atMs > truth.atMs - slackMs &&
      atMs < truth.atMs + patienceMs,
  )
  const errors = near.map(({ firstByteMs }) => Math.abs(firstByteMs - trueMs))
  return errors.length === 0 ? undefined : Math.min(...errors)
}

function trueTime({ record }: Watched, { truth, measured }: ColdWait): number {
  const { check = '', ms = 0 } = measured ?? {}
  const warmMs = record.warmTimes.quantileMs(truth.node, check, 0.5) ?? 0
  return ms < truth.ms ? truth.ms + warmMs : ms
}

function note(watched: Watched, wait: ColdWait, error: number | undefined): string {
  const how = error === undefined ? 'not reported' : `reported ${Math.round(error)} ms off`
  const ms = Math.round(trueTime(watched, wait))
  return `${stamp(watched, wait.truth.atMs)} ${wait.truth.node}: first request of ${ms} ms ${how}`
}
