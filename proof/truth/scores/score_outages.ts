/**
 * How well outages were found and timed.
 *
 * An outage that happened is found when one is told of that target whose time overlaps it; one that is told twice, or
 * in pieces, is found once, and the other tellings are wrong. So is one that is told of a target that was in order.
 * The length told is, by its definition, from the first probe that failed to the first that did not: it is held
 * against the time from that first probe to the real end. When between two probes it began, no prober can know; how
 * far the length is from the whole outage is scored beside it.
 */
import type { OutageClosed } from '../../../src/model/event.ts'
import type { OutageTruth } from '../../../src/simulator/farm/true_events.ts'
import type { MetOutage } from '../simulated/probe_record.ts'
import type { Watched } from '../simulated/watch_farm.ts'
import { stamp } from './score_recycles.ts'
import { scoredSpan } from './scored_window.ts'
import { nobodysTimes, troubles } from './trouble_windows.ts'
import { isIn, overlap, type Window } from './windows.ts'

export interface OutageScore {
  readonly real: number
  readonly found: number
  /** Those that lasted for an interval at least, so that a tick met them. */
  readonly due: number
  readonly dueFound: number
  readonly told: number
  readonly wrong: number
  /** Wrong, and told of a time when the prober stood still or the network was bad. */
  readonly nobodys: number
  /** Of the due that were found: told length against the real one, from the first failed probe on. */
  readonly errorsMs: readonly number[]
  /** The same against the whole outage. */
  readonly wholeErrorsMs: readonly number[]
  readonly notes: readonly string[]
}

/** Shorter ones are blinks: not counted, and not wrong when told. */
export const leastOutageMs = 1000
/** A telling may be off by the network's and the application's own time. */
const slackMs = 500

export function scoreOutages(watched: Watched): OutageScore {
  const { witnessed, scenario, events } = watched
  const span = scoredSpan(watched)
  const told = onePerTarget(events.filter((event) => event.kind === 'outage_closed'))
  const real = witnessed.outages.filter(({ truth: each }) => isCounted(each, span))
  const leastMs = Math.min(...scenario.checks.map(({ intervalMs }) => intervalMs))
  const pairs = pair(real, told)
  const due = real.filter(({ truth: { atMs, toMs } }) => toMs - atMs >= leastMs)
  const found = due.filter((each) => pairs.has(each))
  const fair = new Set(pairs.values())
  const reallyBad = troubles(watched.truth, witnessed.ownFault)
  const nobodys = nobodysTimes(watched.truth)
  const wrong = told.filter(
    (each) => isIn(span, each.atMs) && !fair.has(each) && isWrong(each, real, reallyBad(each.target)),
  )
  const errorOf = (each: MetOutage, fromMs: number) =>
    Math.abs((pairs.get(each)?.lengthMs ?? 0) - (each.truth.toMs - fromMs))
  return {
    real: real.length,
    found: pairs.size,
    due: due.length,
    dueFound: found.length,
    told: told.filter(({ atMs }) => isIn(span, atMs)).length,
    wrong: wrong.length,
    nobodys: wrong.filter(({ atMs }) => nobodys.some((window) => isIn(window, atMs))).length,
    errorsMs: found.map((each) => errorOf(each, each.firstMs ?? each.truth.atMs)),
    wholeErrorsMs: found.map((each) => errorOf(each, each.truth.atMs)),
    notes: [
      ...due.filter((each) => !pairs.has(each)).map(({ truth }) => missedNote(watched, truth)),
      ...wrong.map((each) => wrongNote(watched, each)),
      ...found
        .filter((each) => errorOf(each, each.firstMs ?? each.truth.atMs) > 1000)
        .map((each) => offNote(watched, each, pairs.get(each)?.lengthMs ?? 0)),
    ],
  }
}

const isCounted = ({ atMs, toMs }: OutageTruth, span: Window): boolean =>
  toMs - atMs >= leastOutageMs && isIn(span, atMs) && toMs < span.toMs

const windowOf = ({ atMs, lengthMs }: OutageClosed): Window => ({
  fromMs: atMs - slackMs,
  toMs: atMs + lengthMs + slackMs,
})

/** Several checks tell of the same outage each: of those that overlap, the longest speaks for the target. */
function onePerTarget(told: readonly OutageClosed[]): OutageClosed[] {
  const kept: OutageClosed[] = []
  for (const each of [...told].sort((a, b) => b.lengthMs - a.lengthMs)) {
    const same = kept.some(
      ({ target, check, atMs, lengthMs }) =>
        target === each.target &&
        check !== each.check &&
        overlap(
          { fromMs: atMs, toMs: atMs + lengthMs },
          { fromMs: each.atMs, toMs: each.atMs + each.lengthMs },
        ),
    )
    if (!same) kept.push(each)
  }
  return kept
}

/** Each real outage with the telling that overlaps it for longest. */
function pair(real: readonly MetOutage[], told: readonly OutageClosed[]): Map<MetOutage, OutageClosed> {
  const pairs = new Map<MetOutage, OutageClosed>()
  const taken = new Set<OutageClosed>()
  for (const each of real) {
    const { target, atMs, toMs } = each.truth
    let best: OutageClosed | undefined
    for (const telling of told) {
      if (telling.target !== target || taken.has(telling)) continue
      if (!overlap(windowOf(telling), { fromMs: atMs, toMs })) continue
      if (best === undefined || telling.lengthMs > best.lengthMs) best = telling
    }
    if (best === undefined) continue
    taken.add(best)
    pairs.set(each, best)
  }
  return pairs
}

/** Told again though the outage had been told, or told where nothing was wrong. */
function isWrong(told: OutageClosed, real: readonly MetOutage[], bad: readonly Window[]): boolean {
  const window = windowOf(told)
  const again = real.some(
    ({ truth: { target, atMs, toMs } }) =>
      target === told.target &&
      target !== 'balancer' &&
      told.atMs > atMs + slackMs &&
      told.atMs + told.lengthMs < toMs - slackMs,
  )
  return again || !bad.some((each) => overlap(each, window))
}

const missedNote = (watched: Watched, { target, atMs, toMs, how }: OutageTruth): string =>
  `${stamp(watched, atMs)} ${target}: missed an outage (${how}) of ${Math.round(toMs - atMs)} ms`

const wrongNote = (watched: Watched, { target, atMs, lengthMs, reason }: OutageClosed): string =>
  `${stamp(watched, atMs)} ${target}: told of an outage (${reason}) of ${Math.round(lengthMs)} ms that was none`

const offNote = (
  watched: Watched,
  { truth: { target, atMs, toMs, how } }: MetOutage,
  lengthMs: number,
): string =>
  `${stamp(watched, atMs)} ${target}: outage (${how}) of ${Math.round(toMs - atMs)} ms told as ${Math.round(lengthMs)} ms`
