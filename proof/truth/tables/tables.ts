/** The tables: how the goals stand, what farmprobe made of each scenario, and what the usual set-up saw of the same. */

import { results, standings, worstOf } from '../goals/goals.ts'
import { quantile } from '../quantile.ts'
import type { FarmScore } from '../scores/farm_score.ts'
import { dash, shownCount, shownMs, shownOf, shownRate, shownRatio } from './figures.ts'
import { added, type Row, wholeOf } from './rows.ts'

export interface Table {
  readonly heading: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Recycles and first requests, and how each scenario stands to its goals. */
export function recycleTable(rows: readonly Row[]): Table {
  return {
    heading: [
      'scenario',
      'farms x days',
      'recycles with identity',
      'recall',
      'precision',
      'without identity',
      'recall',
      'precision',
      'first request off p50',
      'p95',
      'false alarms / node year',
      'goals',
    ],
    rows: withTotal(rows, recycleCells, (row) => worstOf(results(row)) ?? dash),
  }
}

function recycleCells(name: string, rows: readonly Row[], standing: string): string[] {
  const whole = wholeOf(...rows)
  const { firstRequests, recycles, outages, nodeYears } = whole
  return [
    name,
    `${whole.farms} x ${Number((whole.farmDays / whole.farms).toFixed(1))}`,
    ...formCells(added(rows.map(({ identity }) => identity))),
    ...formCells(added(rows.map(({ without }) => without))),
    shownMs(quantile(firstRequests.errorsMs, 0.5)),
    shownMs(quantile(firstRequests.errorsMs, 0.95)),
    shownRate((recycles.wrong + outages.wrong) / nodeYears),
    standing,
  ]
}

function formCells(score: FarmScore | undefined): string[] {
  if (score === undefined || score.recycles.due === 0) return [dash, dash, dash]
  const { due, dueFound, told, wrong } = score.recycles
  return [String(due), shownRatio(dueFound, due), shownRatio(told - wrong, told)]
}

/** Outages, the blame for the balancer's errors, and verdicts: of the scenarios that had any. */
export function outageTable(rows: readonly Row[]): Table {
  const troubled = rows.filter((row) => {
    const { outages, blame } = wholeOf(row)
    return outages.due + blame.errors > 0
  })
  return {
    heading: [
      'scenario',
      'outages found',
      'length off p95',
      'from its start',
      'balancer errors',
      'right of named',
      'unknown',
      'verdict off',
    ],
    rows: withTotal(troubled, outageCells, () => ''),
  }
}

function outageCells(name: string, rows: readonly Row[]): string[] {
  const { outages, blame, verdicts } = wholeOf(...rows)
  const off = `${((100 * verdicts.offMs) / verdicts.troubleMs).toFixed(1)} %`
  return [
    name,
    shownOf(outages.dueFound, outages.due),
    shownMs(quantile(outages.errorsMs, 0.95)),
    shownMs(quantile(outages.wholeErrorsMs, 0.95)),
    shownCount(blame.errors),
    shownRatio(blame.right, blame.right + blame.wrong),
    shownRatio(blame.unknown, blame.errors),
    verdicts.troubleMs === 0 ? dash : off,
  ]
}

function withTotal(
  rows: readonly Row[],
  cells: (name: string, rows: readonly Row[], standing: string) => string[],
  standing: (row: Row) => string,
): string[][] {
  const each = rows.map((row) => cells(row.scenario, [row], standing(row)))
  return rows.length > 1 ? [...each, cells('all together', rows, dash)] : each
}

/** What farmprobe saw and what the usual set-up saw, each of its own farm to which the same happened. */
export function usualTable(rows: readonly Row[]): Table {
  return {
    heading: [
      'scenario',
      'recycles: farmprobe',
      'usual',
      'for 1m',
      'outages: farmprobe',
      'usual',
      'for 1m',
      'balancer errors: farmprobe',
      'explained rightly',
      'usual',
      'false alarms / node year: farmprobe',
      'usual',
      'for 1m',
    ],
    rows: withTotal(rows, usualCells, () => ''),
  }
}

function usualCells(name: string, rows: readonly Row[]): string[] {
  const { recycles, outages, blame, usual, nodeYears } = wholeOf(...rows)
  const { eager, patient } = usual
  return [
    name,
    shownOf(recycles.found, recycles.real),
    shownOf(eager.recycles, usual.recycles),
    shownOf(patient.recycles, usual.recycles),
    shownOf(outages.found, outages.real),
    shownOf(eager.outages, usual.outages),
    shownOf(patient.outages, usual.outages),
    shownCount(blame.errors),
    blame.errors === 0 ? dash : String(blame.right),
    shownCount(usual.balancerErrors),
    shownRate((recycles.wrong + outages.wrong) / nodeYears),
    shownRate(eager.falseAlarms / nodeYears),
    shownRate(patient.falseAlarms / nodeYears),
  ]
}

/** Every goal over all scenarios that it concerns; those that are limited count among the worst only. */
export function goalTable(rows: readonly Row[]): Table {
  const all = rows.flatMap((row) => results(row).map((result) => ({ ...result, scenario: row.scenario })))
  const names = [...new Set(all.map(({ what }) => what))]
  return {
    heading: ['goal', 'to reach', 'all but limited', 'worst', 'in', ...standings],
    rows: names.map((what) => {
      const own = all.filter((result) => result.what === what)
      const worst = own.reduce((a, b) => (b.shortfall > a.shortfall ? b : a))
      const counts = standings.map((standing) => own.filter((each) => each.standing === standing).length)
      const fair = own.filter(({ standing }) => standing !== 'limited')
      const misses = fair.reduce((sum, result) => sum + result.misses, 0)
      const count = fair.reduce((sum, result) => sum + result.count, 0)
      return [
        what,
        worst.goal,
        worst.show(misses, count),
        worst.measured,
        worst.scenario,
        ...counts.map(shownCount),
      ]
    }),
  }
}

/** Every scenario below a goal, with the reason. */
export function belowTable(rows: readonly Row[]): Table {
  return {
    heading: ['below its goal', 'what', 'measured', 'goal', 'standing', 'reason'],
    rows: rows.flatMap((row) =>
      results(row)
        .filter(({ standing }) => standing !== 'met')
        .map(({ what, measured, goal, standing, reason }) => [
          row.scenario,
          what,
          measured,
          goal,
          standing,
          reason,
        ]),
    ),
  }
}
