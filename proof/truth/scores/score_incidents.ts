/**
 * How well troubles were told as incidents.
 *
 * A trouble is what really went on: times in which a target was bad, those joined that lie no more than two minutes apart.
 * It is due when an outage in it lasted for an interval at least, or a probe met an error of the balancer. It is found by an incident that
 * overlaps it. An incident of a time in which nothing was bad is wrong, one that overlaps two troubles merges them, and
 * a single outage told by two is split.
 */
import { balancerName } from '../../../src/model/farm.ts'
import type { Incident } from '../../../src/model/incident.ts'
import type { BalancerErrorTruth } from '../../../src/simulator/farm/true_events.ts'
import type { Watched } from '../simulated/watch_farm.ts'
import { leastOutageMs } from './score_outages.ts'
import { stamp } from './score_recycles.ts'
import { ofKind, scoredWindow } from './scored_window.ts'
import { blamelessTimes, troubleWindows } from './trouble_windows.ts'
import { isIn, overlap, type Window } from './windows.ts'

export interface IncidentScore {
  /** Troubles that an observer must see. */
  readonly due: number
  readonly dueFound: number
  readonly reported: number
  /** Of times in which nothing was bad; those in which the prober or the network was are left out. */
  readonly wrong: number
  readonly merged: number
  readonly split: number
  /** Of those that users felt, and of which the truth has one culprit: how many name somebody, and how many the right one. */
  readonly named: number
  readonly right: number
  readonly notes: readonly string[]
}

const apartMs = 120_000
const slackMs = 1000

export function scoreIncidents(watched: Watched): IncidentScore {
  const { truth, record, events } = watched
  const span = scoredWindow(watched)
  const bad = troubleWindows(truth, record.ownFault)(balancerName)
  const troubles = closeTogether(bad).filter(({ fromMs, toMs }) => isIn(span, fromMs) && isIn(span, toMs))
  const incidents = lastTold(events.flatMap((event) => ('snapshot' in event ? [event.snapshot] : [])))
  const within = incidents.filter(({ openedMs }) => isIn(span, openedMs))
  const blameless = blamelessTimes(truth)
  // A node that stood still answered nobody, though nobody has to tell of it.
  const pauses = ofKind(truth, 'pause').map(({ atMs, toMs }) => ({
    fromMs: atMs - slackMs,
    toMs: toMs + slackMs,
  }))
  const due = troubles.filter((trouble) => isDue(watched, trouble))
  const missed = due.filter((trouble) => !incidents.some((each) => overlap(spanOf(each), trouble)))
  const wrong = within.filter(
    (each) =>
      ![...bad, ...pauses].some((window) => overlap(window, spanOf(each))) &&
      !blameless.some((window) => overlap(window, spanOf(each))),
  )
  const merged = within.filter((each) => troubles.filter((one) => overlap(one, spanOf(each))).length > 1)
  const split = record.outages.filter(
    ({ truth: { atMs, toMs } }) =>
      isIn(span, atMs) && incidents.filter((each) => overlap({ fromMs: atMs, toMs }, tight(each))).length > 1,
  )
  const judged = within.flatMap((each) => judge(each, ofKind(truth, 'balancer_error')) ?? [])
  return {
    due: due.length,
    dueFound: due.length - missed.length,
    reported: within.length,
    wrong: wrong.length,
    merged: merged.length,
    split: split.length,
    named: judged.filter((verdict) => verdict !== 'unknown').length,
    right: judged.filter((verdict) => verdict === 'right').length,
    notes: [
      ...missed.map(({ fromMs }) => `${stamp(watched, fromMs)} no incident of a trouble`),
      ...wrong.map((each) => `${stamp(watched, each.openedMs)} incident of nothing: ${each.summary}`),
      ...merged.map(
        (each) => `${stamp(watched, each.openedMs)} one incident of several troubles: ${each.summary}`,
      ),
      ...split.map(
        ({ truth: { atMs, target } }) => `${stamp(watched, atMs)} ${target}: one outage, several incidents`,
      ),
    ],
  }
}

/** Windows no more than two minutes apart as one. */
function closeTogether(windows: readonly Window[]): Window[] {
  const troubles: Window[] = []
  for (const { fromMs, toMs } of windows) {
    const last = troubles.at(-1)
    if (last === undefined || fromMs - last.toMs > apartMs) troubles.push({ fromMs, toMs })
    else troubles[troubles.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, toMs) }
  }
  return troubles
}

function isDue({ truth, record, scenario }: Watched, trouble: Window): boolean {
  const leastMs = Math.max(leastOutageMs, ...scenario.checks.map(({ intervalMs }) => intervalMs))
  const lasted = record.outages.some(
    ({ truth: { atMs, toMs }, firstMs }) =>
      firstMs !== undefined && toMs - atMs >= leastMs && isIn(trouble, atMs),
  )
  return (
    lasted ||
    ofKind(truth, 'balancer_error').some(({ id, atMs }) => isIn(trouble, atMs) && !record.ownFault.has(id))
  )
}

/** Each as it was told last. */
const lastTold = (snapshots: readonly Incident[]): Incident[] => [
  ...new Map(snapshots.map((snapshot) => [snapshot.id, snapshot])).values(),
]

const spanOf = ({ openedMs, closedMs }: Incident): Window => ({
  fromMs: openedMs - slackMs,
  toMs: (closedMs ?? Number.POSITIVE_INFINITY) + slackMs,
})

const tight = ({ openedMs, closedMs }: Incident): Window => ({
  fromMs: openedMs,
  toMs: closedMs ?? Number.POSITIVE_INFINITY,
})

/** Undefined where users felt nothing, or the truth has several culprits. */
function judge(
  incident: Incident,
  errors: readonly BalancerErrorTruth[],
): 'right' | 'wrong' | 'unknown' | undefined {
  const own = errors.filter(({ atMs }) => isIn(spanOf(incident), atMs))
  const culprits = new Set(own.map(({ node }) => node))
  if (incident.impact === 'hidden' || culprits.size !== 1) return undefined
  if (incident.node === 'unknown') return 'unknown'
  const isRight = own.some(
    ({ nodes, cause, alsoRight }) =>
      nodes.includes(incident.node) && (cause === incident.cause || alsoRight.includes(incident.cause)),
  )
  return isRight ? 'right' : 'wrong'
}
