/** What the proof must reach, and how it is shown. */
import { together } from '../farm_score.ts'
import { quantile } from '../quantile.ts'
import { shownOf, shownRatio, shownShare } from '../shown.ts'
import type { Table } from '../tables.ts'
import type { FarmResult, Watch } from './aspnet.ts'
import type { AspnetScore } from './score.ts'

export interface Goal {
  readonly what: string
  readonly good: number
  readonly of: number
  readonly least: number
  /** Of nothing, nothing is proved. */
  readonly met: boolean
}

/** The time of a first request may be off by this share of what the node logged. */
const nearEnough = 0.1

/** Every goal over the three balancers' farms. */
export function goalsOf(results: readonly FarmResult[]): Goal[] {
  const shown = sumOf(results.filter(({ farm }) => farm.identity))
  const hidden = sumOf(results.filter(({ farm }) => !farm.identity))
  const { firsts } = together(shown, hidden)
  const near = firsts.off.filter((off) => off <= nearEnough).length
  return [
    ...recycleGoals('with identity', shown, 0.95),
    ...recycleGoals('without identity', hidden, 0.9),
    goal('first requests told, of those met', firsts.told, firsts.due, 0.9),
    goal("first-request times within 10 % of the node's own log", near, firsts.off.length, 1),
    ...blameGoals('named by the balancer', shown, 0.97, 0.9),
    ...blameGoals('not named', hidden, 0.9, 0.5),
  ]
}

function recycleGoals(form: string, { recycles }: AspnetScore, least: number): Goal[] {
  const { due, dueFound, told, wrong } = recycles
  return [
    goal(`recycles ${form}: recall`, dueFound, due, least),
    goal(`recycles ${form}: precision`, told - wrong, told, least),
  ]
}

function blameGoals(node: string, { blame }: AspnetScore, leastRight: number, leastKnown: number): Goal[] {
  const { errors, right, wrong, unknown } = blame
  return [
    goal(`balancer errors, node ${node}: right of explained`, right, right + wrong, leastRight),
    goal(`balancer errors, node ${node}: explained`, errors - unknown, errors, leastKnown),
  ]
}

const goal = (what: string, good: number, of: number, least: number): Goal => ({
  what,
  good,
  of,
  least,
  met: of > 0 && good >= least * of,
})

const sumOf = (results: readonly FarmResult[]): AspnetScore =>
  results.map(({ score }) => score).reduce((a, b) => together(a, b))

export const goalTable = (goals: readonly Goal[]): Table => ({
  heading: ['goal', 'measured', 'of', 'to reach', ''],
  rows: goals.map(({ what, good, of, least, met }) => [
    what,
    shownRatio(good, of),
    `${good} of ${of}`,
    `>= ${shownShare(least)}`,
    met ? 'met' : 'MISSED',
  ]),
})

export const farmTable = (results: readonly FarmResult[]): Table => ({
  heading: [
    'farm',
    'recycles found',
    'told, did not happen',
    'first requests told',
    'off p50',
    'off max',
    'balancer errors',
    'rightly explained',
    'wrongly',
    'unknown',
  ],
  rows: results.map(({ farm, score: { recycles, firsts, blame } }) => [
    farm.name,
    shownOf(recycles.found, recycles.real),
    String(recycles.wrong),
    shownOf(firsts.told, firsts.due),
    shownPercent(quantile(firsts.off, 0.5)),
    shownPercent(Math.max(...firsts.off)),
    String(blame.errors),
    String(blame.right),
    String(blame.wrong),
    String(blame.unknown),
  ]),
})

const shownPercent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(2)} %` : '–'

/** Whether the machine was fit for it. */
export const fitness = ({ probes, suspect }: Watch): string =>
  `${suspect} of ${probes} probes prove nothing, because farmprobe's own loop was late`

/** Every miss, with its farm and time. */
export const notesOf = (results: readonly FarmResult[]): string[] =>
  results.flatMap(({ score: { recycles, firsts, blame } }) => [
    ...recycles.notes,
    ...firsts.notes,
    ...blame.notes,
  ])
