/** All scores of a farm, and their sum over farms. */
import { isSuspect } from '../../../../src/model/outcome.ts'
import { hourMs } from '../../../../src/runtime/duration.ts'
import { together } from '../../scores/farm_score.ts'
import { type BlameScore, scoreBlame } from './blame.ts'
import { type FirstRequestScore, scoreFirstRequests } from './first_requests.ts'
import { type RecycleScore, scoreRecycles } from './recycles.ts'
import type { ScoredFarm } from './scored_farm.ts'
import { type StallScore, scoreStalls } from './stalls.ts'

export interface Score {
  readonly recycles: RecycleScore
  readonly stalls: StallScore
  readonly firsts: FirstRequestScore
  readonly blame: BlameScore
  readonly probes: number
  /** Probes marked as suspect: farmprobe's own loop was late. */
  readonly late: number
  /** The scored time, summed over nodes. */
  readonly nodeHours: number
}

export function scoreFarm(farm: ScoredFarm): Score {
  const { probes, scored } = farm.recording
  const nodes = new Set(probes.flatMap(({ outcome }) => (outcome.role === 'node' ? [outcome.target] : [])))
  return {
    recycles: scoreRecycles(farm),
    stalls: scoreStalls(farm),
    firsts: scoreFirstRequests(farm),
    blame: scoreBlame(farm),
    probes: probes.length,
    late: probes.filter(({ outcome }) => isSuspect(outcome)).length,
    nodeHours: (nodes.size * (scored.toMs - scored.fromMs)) / hourMs,
  }
}

export const sumOf = (scores: readonly Score[]): Score | undefined =>
  scores.length === 0 ? undefined : scores.reduce((a, b) => together(a, b))
