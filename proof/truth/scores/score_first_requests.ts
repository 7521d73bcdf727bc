/**
 * How well first requests were measured: those that were probes of ours, against what they really took. Where the
 * balancer gave up waiting, that is what the worker would have taken to answer, as probes of the node itself show.
 */
import type { FirstRequest } from '../../../src/model/event.ts'
import type { ColdWait } from '../simulated/probe_record.ts'
import type { Watched } from '../simulated/watch_farm.ts'
import { stamp } from './score_recycles.ts'
import { intervalOf, scoredSpan } from './scored_window.ts'
import { isIn } from './windows.ts'

export interface FirstRequestScore {
  /** First requests of a new worker that were probes of ours. */
  readonly own: number
  readonly told: number
  /** How far the time told is from the time measured, in milliseconds, of each that was told. */
  readonly errorsMs: readonly number[]
  /** First requests that were a user's or a health check's: what they took, nobody but they could know. */
  readonly others: number
  readonly notes: readonly string[]
}

/** What is told may be dated so much earlier than the request reached the node, or later. */
const slackMs = 2000

export function scoreFirstRequests(watched: Watched): FirstRequestScore {
  const { witnessed, events } = watched
  const span = scoredSpan(watched)
  const waits = witnessed.coldWaits.filter(({ truth }) => truth.of === 'worker' && isIn(span, truth.atMs))
  const own = waits.filter(({ measured }) => measured !== undefined)
  const told = events.filter((event) => event.kind === 'first_request')
  const errors = own.map((wait) => errorOf(watched, wait, told))
  return {
    own: own.length,
    told: errors.filter((error) => error !== undefined).length,
    errorsMs: errors.filter((error) => error !== undefined),
    others: waits.length - own.length,
    notes: own.flatMap((wait, index) => {
      const error = errors[index]
      return error !== undefined && error < 250 ? [] : [note(watched, wait, error)]
    }),
  }
}

/** The error of the telling that fits best; undefined when the first request was not told of. */
function errorOf(watched: Watched, wait: ColdWait, told: readonly FirstRequest[]): number | undefined {
  const { truth, measured } = wait
  const trueMs = trueTime(watched, wait)
  const patienceMs = truth.ms + slackMs + intervalOf(watched.scenario, truth.node, truth.app)
  const near = told.filter(
    ({ target, check, atMs }) =>
      target === truth.node &&
      check === measured?.check &&
      atMs > truth.atMs - slackMs &&
      atMs < truth.atMs + patienceMs,
  )
  const errors = near.map(({ firstByteMs }) => Math.abs(firstByteMs - trueMs))
  return errors.length === 0 ? undefined : Math.min(...errors)
}

function trueTime({ witnessed }: Watched, { truth, measured }: ColdWait): number {
  const { check = '', ms = 0 } = measured ?? {}
  const warmMs = witnessed.warmTimes.quantileMs(truth.node, check, 0.5) ?? 0
  return ms < truth.ms ? truth.ms + warmMs : ms
}

function note(watched: Watched, wait: ColdWait, error: number | undefined): string {
  const how = error === undefined ? 'not told' : `told ${Math.round(error)} ms off`
  const ms = Math.round(trueTime(watched, wait))
  return `${stamp(watched, wait.truth.atMs)} ${wait.truth.node}: first request of ${ms} ms ${how}`
}
