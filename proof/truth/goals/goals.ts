/** The goals, and the status of each for a scenario. */

import { isQuick, type ScenarioName } from '../jobs.ts'
import type { FarmScore } from '../scores/farm_score.ts'
import { formatRate, formatShare } from '../tables/figures.ts'
import type { Row } from '../tables/rows.ts'
import { type GoalName, limits } from './limits.ts'
import { luckyCount, luckyShare } from './luck.ts'

/**
 * `met`. `open`: below the goal, but by no more than chance; a longer run would tell. `limited`: below the goal for a
 * reason that lies outside the detectors, and no worse than that reason explains. `missed`: below the goal.
 */
export const goalStatuses = ['met', 'open', 'limited', 'missed'] as const

export type GoalStatus = (typeof goalStatuses)[number]

export interface Result {
  readonly what: GoalName
  readonly measured: string
  readonly goal: string
  readonly status: GoalStatus
  /** Why it is below the goal, where that is known. */
  readonly reason: string
  /** What was counted, and out of how many, or out of how many node years. */
  readonly misses: number
  readonly count: number
  /** How such a figure is shown. */
  readonly show: (misses: number, count: number) => string
  /** How far below the goal; positive when it is below. */
  readonly shortfall: number
}

/** A share of fewer than this says nothing. */
const fewest = 20

/** Scenarios in which the prober or the network fails: no node may be blamed. */
const blameless: ReadonlySet<ScenarioName> = new Set(['network weather', 'prober stalls'])

/** The status of every goal that concerns a scenario. */
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
      ...incidentResults(scenario, score),
    ]),
  ]
}

/** The status of a whole row: its worst one. */
export const worstOf = (all: readonly Result[]): GoalStatus | undefined =>
  goalStatuses.toReversed().find((status) => all.some((each) => each.status === status))

function recycleResults(
  scenario: ScenarioName,
  { recycles }: FarmScore,
  form: 'with identity' | 'without identity',
  leastRecall: number,
  leastPrecision: number,
): Result[] {
  const { due, dueFound, traceless, reported, wrong, alike } = recycles
  const recall = shareResult(scenario, `recall ${form}`, due - dueFound, due, leastRecall, {
    misses: traceless,
    reason: `${traceless} of ${due} passed between two probes: ${traces[form]}`,
  })
  const precision = shareResult(scenario, `precision ${form}`, wrong, reported, leastPrecision, {
    misses: alike,
    reason: `${alike} of ${reported} reported were no new worker, but look like one from outside: one that was suspended woke up, or a path was compiled`,
  })
  return due === 0 ? [] : [...recall, ...precision]
}

/** What is missing of recycles that no probe met. */
const traces = {
  'with identity': 'no probe met anything of them',
  'without identity':
    'what was left of the wait was less than a second, which a garbage collection takes, too',
} as const

function alarmResults(scenario: ScenarioName, { recycles, outages, nodeYears }: FarmScore): Result[] {
  if (recycles.real > 0) return []
  const rate = countResult(scenario, 'false recycles a node year', recycles.wrong, 2, nodeYears)
  if (!blameless.has(scenario)) return [rate]
  const blamed = recycles.blameless + outages.blameless
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

function incidentResults(scenario: ScenarioName, { incidents }: FarmScore): Result[] {
  const { due, dueFound, reported, wrong, merged, split, named, right } = incidents
  return [
    ...shareResult(scenario, 'troubles told as incidents', due - dueFound, due, 0.98),
    ...shareResult(scenario, 'incidents of real troubles', wrong, reported, 0.98),
    ...shareResult(scenario, 'incidents neither merged nor split', merged + split, reported, 0.98),
    ...shareResult(scenario, 'culprit of incidents right', named - right, named, 0.97),
  ]
}

/** Misses that no observer could have avoided. */
interface Excuse {
  /** How many of the misses it explains. */
  readonly misses: number
  readonly reason: string
}

/** A share that must reach its goal; nothing when there are too few to speak of a share. */
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
    goal: `>= ${formatShare(goal)}`,
    misses,
    count,
    show: showShare,
    shortfall: goal - (1 - misses / count),
  }
  const limit = limits[scenario]?.[what]
  const own = misses - excuse.misses
  if (holds(misses, goal)) return [{ ...figures, status: 'met', reason: '' }]
  if (lucky(misses, goal)) return [{ ...figures, status: 'open', reason: 'no more than chance' }]
  if (holds(own, goal) || lucky(own, goal)) return [{ ...figures, status: 'limited', reason: excuse.reason }]
  if (limit !== undefined && (holds(own, limit.least) || lucky(own, limit.least)))
    return [{ ...figures, status: 'limited', reason: limit.reason }]
  return [{ ...figures, status: 'missed', reason: '' }]
}

/** A number of events that must not exceed `most` in each unit of `exposure`. */
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
    goal: `<= ${formatRate(most)}`,
    misses: count,
    count: exposure,
    show: showRate,
    shortfall: count / exposure - most,
  }
  const limit = limits[scenario]?.[what]
  if (count <= most * exposure) return { ...figures, status: 'met', reason: '' }
  if (most > 0 && luckyCount(count, most * exposure))
    return { ...figures, status: 'open', reason: 'no more than chance' }
  if (limit !== undefined && count <= limit.least * exposure)
    return { ...figures, status: 'limited', reason: limit.reason }
  return { ...figures, status: 'missed', reason: '' }
}

const showShare = (misses: number, count: number) => formatShare(1 - misses / count)
const showRate = (count: number, exposure: number) => formatRate(count / exposure)
