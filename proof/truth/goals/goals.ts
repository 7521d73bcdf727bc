/** The goals, and how a scenario stands to them. */

import { isQuick, type ScenarioName } from '../jobs.ts'
import type { FarmScore } from '../scores/farm_score.ts'
import { shownRate, shownShare } from '../tables/figures.ts'
import type { Row } from '../tables/rows.ts'
import { limits } from './limits.ts'
import { luckyCount, luckyShare } from './luck.ts'

/**
 * `met`. `open`: below the goal, but by no more than chance; a longer run would tell. `limited`: below the goal for a
 * reason that lies outside the detectors, and no worse than that reason explains. `missed`: below the goal.
 */
export const standings = ['met', 'open', 'limited', 'missed'] as const

export type Standing = (typeof standings)[number]

export type GoalName =
  | 'recall with identity'
  | 'precision with identity'
  | 'recall without identity'
  | 'precision without identity'
  | 'false recycles a node year'
  | 'outages found'
  | 'outage lengths within 300 ms'
  | 'blame right of named'
  | 'blame known'
  | 'blamed though nobody was to blame'

export interface Result {
  readonly what: GoalName
  readonly measured: string
  readonly goal: string
  readonly standing: Standing
  /** Why it is below the goal, where that is known. */
  readonly reason: string
  /** What was counted, and out of how many; out of how many node years, where that is the unit. */
  readonly misses: number
  readonly count: number
  /** How such a figure is shown. */
  readonly show: (misses: number, count: number) => string
  /** How far below the goal: positive when it is. */
  readonly shortfall: number
}

/** Fewer things than this say nothing about a share. */
const fewest = 20

/** Scenarios in which the prober or the network is to blame, and nobody else may be. */
const nobodys: ReadonlySet<ScenarioName> = new Set(['network weather', 'prober stalls'])

/** How a scenario stands to every goal that concerns it. */
export function results(row: Row): Result[] {
  const { scenario, identity, without } = row
  const forms = [identity, without].filter((score) => score !== undefined)
  return [
    ...(identity === undefined ? [] : recycleResults(scenario, identity, 'with identity', 0.99, 0.99)),
    ...(without === undefined ? [] : recycleResults(scenario, without, 'without identity', 0.95, 0.98)),
    ...forms.flatMap((score) => [
      ...alarmResults(scenario, score),
      ...outageResults(scenario, score),
      ...blameResults(scenario, score),
    ]),
  ]
}

/** The standing of a whole row: its worst. */
export const worstOf = (all: readonly Result[]): Standing | undefined =>
  standings.toReversed().find((standing) => all.some((each) => each.standing === standing))

function recycleResults(
  scenario: ScenarioName,
  { recycles }: FarmScore,
  form: 'with identity' | 'without identity',
  leastRecall: number,
  leastPrecision: number,
): Result[] {
  const { due, dueFound, traceless, told, wrong, alike } = recycles
  const recall = shareResult(scenario, `recall ${form}`, due - dueFound, due, leastRecall, {
    misses: traceless,
    reason: `${traceless} of ${due} passed between two probes: ${traces[form]}`,
  })
  const precision = shareResult(scenario, `precision ${form}`, wrong, told, leastPrecision, {
    misses: alike,
    reason: `${alike} of ${told} told were no new worker, but look like one from outside: one that was suspended woke up, or a path was compiled`,
  })
  return due === 0 ? [] : [...recall, ...precision]
}

/** What is missing of those that passed unnoticed. */
const traces = {
  'with identity': 'no probe met anything of them',
  'without identity':
    'what was left of the wait was less than a second, which a garbage collection takes, too',
} as const

function alarmResults(scenario: ScenarioName, { recycles, outages, nodeYears }: FarmScore): Result[] {
  if (recycles.real > 0) return []
  const rate = countResult(scenario, 'false recycles a node year', recycles.wrong, 2, nodeYears)
  if (!nobodys.has(scenario)) return [rate]
  const blamed = recycles.nobodys + outages.nobodys
  return [rate, countResult(scenario, 'blamed though nobody was to blame', blamed, 0, 1)]
}

function outageResults(scenario: ScenarioName, { outages }: FarmScore): Result[] {
  if (!isQuick(scenario)) return []
  const { due, dueFound, errorsMs } = outages
  const off = errorsMs.filter((ms) => ms > 300).length
  return [
    ...shareResult(scenario, 'outages found', due - dueFound, due, 1),
    ...shareResult(scenario, 'outage lengths within 300 ms', off, errorsMs.length, 0.95),
  ]
}

function blameResults(scenario: ScenarioName, { blame }: FarmScore): Result[] {
  const { errors, right, wrong, unknown } = blame
  return [
    ...shareResult(scenario, 'blame right of named', wrong, right + wrong, 0.97),
    ...shareResult(scenario, 'blame known', unknown, errors, 0.9),
  ]
}

/** What nobody could have done better. */
interface Excuse {
  /** How many of the misses it explains. */
  readonly misses: number
  readonly reason: string
}

/** A share of good ones that has to reach its goal; nothing when there are too few to speak of a share. */
function shareResult(
  scenario: ScenarioName,
  what: GoalName,
  misses: number,
  count: number,
  goal: number,
  excuse: Excuse = { misses: 0, reason: '' },
): Result[] {
  if (count < fewest) return []
  const holds = (missed: number, least: number) => 1 - missed / count >= least
  const lucky = (missed: number, least: number) => luckyShare(missed, count, 1 - least)
  const figures = {
    what,
    measured: showShare(misses, count),
    goal: `>= ${shownShare(goal)}`,
    misses,
    count,
    show: showShare,
    shortfall: goal - (1 - misses / count),
  }
  const limit = limits[scenario]?.[what]
  const own = misses - excuse.misses
  if (holds(misses, goal)) return [{ ...figures, standing: 'met', reason: '' }]
  if (lucky(misses, goal)) return [{ ...figures, standing: 'open', reason: 'no more than chance' }]
  if (holds(own, goal) || lucky(own, goal))
    return [{ ...figures, standing: 'limited', reason: excuse.reason }]
  if (limit !== undefined && (holds(own, limit.least) || lucky(own, limit.least)))
    return [{ ...figures, standing: 'limited', reason: limit.reason }]
  return [{ ...figures, standing: 'missed', reason: '' }]
}

/** A number of events that may be so many in each unit of `exposure` at most. */
function countResult(
  scenario: ScenarioName,
  what: GoalName,
  count: number,
  most: number,
  exposure: number,
): Result {
  const figures = {
    what,
    measured: showRate(count, exposure),
    goal: `<= ${shownRate(most)}`,
    misses: count,
    count: exposure,
    show: showRate,
    shortfall: count / exposure - most,
  }
  const limit = limits[scenario]?.[what]
  if (count <= most * exposure) return { ...figures, standing: 'met', reason: '' }
  if (most > 0 && luckyCount(count, most * exposure))
    return { ...figures, standing: 'open', reason: 'no more than chance' }
  if (limit !== undefined && count <= limit.least * exposure)
    return { ...figures, standing: 'limited', reason: limit.reason }
  return { ...figures, standing: 'missed', reason: '' }
}

const showShare = (misses: number, count: number) => shownShare(1 - misses / count)
const showRate = (count: number, exposure: number) => shownRate(count / exposure)
