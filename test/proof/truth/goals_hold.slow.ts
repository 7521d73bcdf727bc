import { expect, it } from 'vitest'
import { results } from '../../../proof/truth/goals/goals.ts'
import { type Job, jobsOf, type ScenarioName } from '../../../proof/truth/jobs.ts'
import { scoreAll } from '../../../proof/truth/score_on_threads.ts'
import { rowsOf } from '../../../proof/truth/tables/rows.ts'

/** One of each kind, with the days that are enough to see a goal missed by much; the whole of it is `npm run truth`. */
const watched: Partial<Record<ScenarioName, number>> = {
  'recycles on demand': 1,
  'recycles in the same second': 2.5,
  'web garden': 0.7,
  crashes: 0.7,
  'balancer time-out': 0.7,
  'balancer own pool': 0.5,
  'short outages 1-5 s': 0.25,
  'noisy without recycles': 3,
  'garbage collection': 1,
  'network weather': 1,
  'prober stalls': 1,
}

const jobsFrom = (seed: number): Job[] =>
  jobsOf({ seed, seeds: 1, short: true, only: Object.keys(watched) as ScenarioName[] }).map((job) => ({
    ...job,
    days: watched[job.scenario] ?? 1,
  }))

it.each([1, 20_261_122])(
  'reaches the goals on farms of seed %i',
  async (seed) => {
    const jobs = jobsFrom(seed)
    const rows = rowsOf(jobs, await scoreAll(jobs, () => {}))
    const missed = rows.flatMap((row) =>
      results(row)
        .filter(({ status }) => status === 'missed')
        .map(({ what, measured, goal }) => `${row.scenario}: ${what} ${measured}, goal ${goal}`),
    )
    expect(missed).toEqual([])
  },
  120_000,
)
