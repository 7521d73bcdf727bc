/** A row is one scenario, with all its farms added up. */

import type { Form, Job, ScenarioName } from '../jobs.ts'
import { type FarmScore, together } from '../scores/farm_score.ts'

/** A scenario's scores in the forms in which it was watched. */
export interface Row {
  readonly scenario: ScenarioName
  readonly identity: FarmScore | undefined
  readonly without: FarmScore | undefined
}

/** Adds the scores up, in the order of the jobs. */
export function rowsOf(jobs: readonly Job[], scores: readonly FarmScore[]): Row[] {
  const names = [...new Set(jobs.map(({ scenario }) => scenario))]
  const sum = (scenario: ScenarioName, form: Form): FarmScore | undefined =>
    added(scores.filter((_, index) => jobs[index]?.scenario === scenario && jobs[index]?.form === form))
  return names.map((scenario) => ({
    scenario,
    identity: sum(scenario, 'identity'),
    without: sum(scenario, 'without'),
  }))
}

/** All forms and rows as one score. */
export const wholeOf = (...rows: readonly Row[]): FarmScore =>
  added(rows.flatMap(({ identity, without }) => [identity, without])) as FarmScore

/** The scores as one; undefined of none. */
export function added(scores: readonly (FarmScore | undefined)[]): FarmScore | undefined {
  const known = scores.filter((score) => score !== undefined)
  return known.length === 0 ? undefined : known.reduce((a, b) => together(a, b))
}

/** Every miss, with scenario, seed and time. */
export const notesOf = ({ identity, without }: Row): string[] =>
  [identity, without].flatMap((score) =>
    score === undefined
      ? []
      : [score.recycles, score.firstRequests, score.outages, score.blame, score.incidents].flatMap(
          ({ notes }) => notes,
        ),
  )
