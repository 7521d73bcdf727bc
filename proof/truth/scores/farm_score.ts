/** Everything scored of one farm, and how the scores of several farms add up. */
import { dayMs } from '../../../src/runtime/duration.ts'
import { farmSeed, inForm, type Job } from '../jobs.ts'
import { watchWithBlackbox } from '../simulated/blackbox_alerts.ts'
import { watchFarm } from '../simulated/watch_farm.ts'
import { type BlackboxScore, scoreBlackbox } from './score_blackbox.ts'
import { type BlameScore, scoreBlame } from './score_blame.ts'
import { type FirstRequestScore, scoreFirstRequests } from './score_first_requests.ts'
import { type IncidentScore, scoreIncidents } from './score_incidents.ts'
import { type OutageScore, scoreOutages } from './score_outages.ts'
import { type RecycleScore, scoreRecycles } from './score_recycles.ts'
import { scoreVerdicts, type VerdictScore } from './score_verdicts.ts'
import { scoredWindow } from './scored_window.ts'

export interface FarmScore {
  readonly farms: number
  readonly farmDays: number
  readonly nodeYears: number
  readonly probes: number
  readonly recycles: RecycleScore
  readonly firstRequests: FirstRequestScore
  readonly outages: OutageScore
  readonly blame: BlameScore
  readonly incidents: IncidentScore
  readonly verdicts: VerdictScore
  readonly blackbox: BlackboxScore
}

const yearMs = 365.25 * dayMs

/** Watches one farm and scores it. */
export async function scoreFarm(job: Job): Promise<FarmScore> {
  const scenario = inForm(job.scenario, job.form)
  const forMs = job.days * dayMs
  const seed = farmSeed(job)
  const watched = { ...(await watchFarm(scenario, seed, forMs)), seed: job.seed }
  const { fromMs, toMs } = scoredWindow(watched)
  return {
    farms: 1,
    farmDays: job.days,
    nodeYears: (scenario.nodes.length * Math.max(0, toMs - fromMs)) / yearMs,
    probes: watched.probes,
    recycles: scoreRecycles(watched),
    firstRequests: scoreFirstRequests(watched),
    outages: scoreOutages(watched),
    blame: scoreBlame(watched),
    incidents: scoreIncidents(watched),
    verdicts: scoreVerdicts(watched),
    blackbox: scoreBlackbox(watchWithBlackbox(scenario, seed, forMs)),
  }
}

/** Two scores as one: numbers are added, lists are joined. */
export function together<Score extends object>(a: Score, b: Score): Score {
  const entries = Object.entries(a).map(([key, own]) => [key, plus(own, b[key as keyof Score])])
  return Object.fromEntries(entries) as Score
}

function plus(a: unknown, b: unknown): unknown {
  if (typeof a === 'number') return a + (b as number)
  if (Array.isArray(a)) return [...(a as unknown[]), ...(b as unknown[])]
  return together(a as object, b as object)
}
