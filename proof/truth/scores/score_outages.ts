/**
 * How well outages were found and timed.
 *
 * An outage is found when an outage of that target is reported that overlaps it. One that is reported twice, or in
 * pieces, is found once, and the other reports are wrong. So is a report of a target that was in order. The length
 * reported is, by its definition, from the first probe that failed to the first that did not: it is compared with the
 * time from that first probe to the real end. No prober can know when between two probes an outage began; how far the
 * length is from the whole outage is scored separately.
 */
import type { OutageClosed } from '../../../src/model/event.ts'
import type { OutageTruth } from '../../../src/simulator/farm/true_events.ts'
import type { MetOutage } from '../simulated/probe_record.ts'
import type { Watched } from '../simulated/watch_farm.ts'
import { stamp } from './score_recycles.ts'
import { scoredWindow } from './scored_window.ts'
import { blamelessTimes, troubleWindows } from './trouble_windows.ts'
import { isIn, overlap, type Window } from './windows.ts'

export interface OutageScore {
  readonly real: number
  readonly found: number
  /** Those that lasted for an interval at least, so that a tick met them. */
  readonly due: number
  readonly dueFound: number
  readonly reported: number
  readonly wrong: number
  /** Wrong, and of a time when the prober stood still or the network was bad. */
  readonly blameless: number
  /** Of the due that were found: the reported length against the real one, from the first failed probe on. */
  readonly errorsMs: readonly number[]
  /** The same against the whole outage. */
  readonly wholeErrorsMs: readonly number[]
  readonly notes: readonly string[]
}

/** Shorter ones are not counted, and not wrong when reported. */
export const leastOutageMs = 1000
/** A report may be off by the network's and the application's own time. */
const slackMs = 500

export function scoreOutages(watched: Watched): OutageScore {
  const { record, scenario, events } = watched
  const span = scoredWindow(watched)
  const reported = onePerTarget(events.filter((event) => event.kind === 'outage_closed'))
  const real = record.outages.filter(({ truth: each }) => isCounted(each, span))
  const leastMs = Math.min(...scenario.checks.map(({ intervalMs }) => intervalMs))
  const pairs = pair(real, reported)
  const due = real.filter(({ truth: { atMs, toMs } }) => toMs - atMs >= leastMs)
  const found = due.filter((each) => pairs.has(each))
  const fair = new Set(pairs.values())
  const reallyBad = troubleWindows(watched.truth, record.ownFault)
  const blameless = blamelessTimes(watched.truth)
  const wrong = reported.filter(
    (each) => isIn(span, each.atMs) && !fair.has(each) && isWrong(each, real, reallyBad(each.target)),
  )
  const errorOf = (each: MetOutage, fromMs: number) =>
    Math.abs((pairs.get(each)?.lengthMs ?? 0) - (each.truth.toMs - fromMs))
  return {
    real: real.length,
    found: pairs.size,
    due: due.length,
    dueFound: found.length,
    reported: reported.filter(({ atMs }) => isIn(span, atMs)).length,
    wrong: wrong.length,
    blameless: wrong.filter(({ atMs }) => blameless.some((window) => isIn(window, atMs))).length,
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

/** Each check reports the same outage: of those that overlap, the longest counts for the target. */
function onePerTarget(reported: readonly OutageClosed[]): OutageClosed[] {
  const kept: OutageClosed[] = []
  for (const each of [...reported].sort((a, b) => b.lengthMs - a.lengthMs)) {
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

/** Each real outage with the report that overlaps it for longest. */
function pair(real: readonly MetOutage[], reported: readonly OutageClosed[]): Map<MetOutage, OutageClosed> {
  const pairs = new Map<MetOutage, OutageClosed>()
  const taken = new Set<OutageClosed>()
  for (const each of real) {
    const { target, atMs, toMs } = each.truth
    let best: OutageClosed | undefined
    for (const report of reported) {
      if (report.target !== target || taken.has(report)) continue
      if (!overlap(windowOf(report), { fromMs: atMs, toMs })) continue
      if (best === undefined || report.lengthMs > best.lengthMs) best = report
    }
    if (best === undefined) continue
    taken.add(best)
    pairs.set(each, best)
  }
  return pairs
}

/** Reported again although the outage had been reported, or reported where nothing was wrong. */
function isWrong(reported: OutageClosed, real: readonly MetOutage[], bad: readonly Window[]): boolean {
  const window = windowOf(reported)
  const again = real.some(
    ({ truth: { target, atMs, toMs } }) =>
      target === reported.target &&
      target !== 'balancer' &&
      reported.atMs > atMs + slackMs &&
      reported.atMs + reported.lengthMs < toMs - slackMs,
  )
  return again || !bad.some((each) => overlap(each, window))
}

const missedNote = (watched: Watched, { target, atMs, toMs, how }: OutageTruth): string =>
  `${stamp(watched, atMs)} ${target}: missed an outage (${how}) of ${Math.round(toMs - atMs)} ms`

const wrongNote = (watched: Watched, { target, atMs, lengthMs, reason }: OutageClosed): string =>
  `${stamp(watched, atMs)} ${target}: reported an outage (${reason}) of ${Math.round(lengthMs)} ms that was none`

const offNote = (
  watched: Watched,
  { truth: { target, atMs, toMs, how } }: MetOutage,
  lengthMs: number,
): string =>
  `${stamp(watched, atMs)} ${target}: outage (${how}) of ${Math.round(toMs - atMs)} ms reported as ${Math.round(lengthMs)} ms`
