/** The tables: the goals, the results of each scenario, and the results of blackbox_exporter with alerts. */

import { quantile } from '../../statistics.ts'
import { goalStatuses, results, worstOf } from '../goals/goals.ts'
import type { FarmScore } from '../scores/farm_score.ts'
import { dash, formatCount, formatMs, formatOf, formatRate, formatRatio } from './figures.ts'
import { added, type Row, wholeOf } from './rows.ts'

export interface Table {
  readonly heading: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Recycles and first requests, and the status of each scenario's goals. */
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

function recycleCells(name: string, rows: readonly Row[], status: string): string[] {
  const whole = wholeOf(...rows)
  const { firstRequests, recycles, outages, nodeYears } = whole
  return [
    name,
    `${whole.farms} x ${Number((whole.farmDays / whole.farms).toFixed(1))}`,
    ...formCells(added(rows.map(({ identity }) => identity))),
    ...formCells(added(rows.map(({ without }) => without))),
    formatMs(quantile(firstRequests.errorsMs, 0.5)),
    formatMs(quantile(firstRequests.errorsMs, 0.95)),
    formatRate((recycles.wrong + outages.wrong) / nodeYears),
    status,
  ]
}

function formCells(score: FarmScore | undefined): string[] {
  if (score === undefined || score.recycles.due === 0) return [dash, dash, dash]
  const { due, dueFound, reported, wrong } = score.recycles
  return [String(due), formatRatio(dueFound, due), formatRatio(reported - wrong, reported)]
}

/** Outages, attribution of the balancer's errors, and verdicts, of the scenarios that have any. */
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
    formatOf(outages.dueFound, outages.due),
    formatMs(quantile(outages.errorsMs, 0.95)),
    formatMs(quantile(outages.wholeErrorsMs, 0.95)),
    formatCount(blame.errors),
    formatRatio(blame.right, blame.right + blame.wrong),
    formatRatio(blame.unknown, blame.errors),
    verdicts.troubleMs === 0 ? dash : off,
  ]
}

function withTotal(
  rows: readonly Row[],
  cells: (name: string, rows: readonly Row[], status: string) => string[],
  status: (row: Row) => string,
): string[][] {
  const each = rows.map((row) => cells(row.scenario, [row], status(row)))
  return rows.length > 1 ? [...each, cells('all together', rows, dash)] : each
}

/** What farmprobe and blackbox_exporter with alerts saw, each on its own farm to which the same happened. */
export function blackboxTable(rows: readonly Row[]): Table {
  return {
    heading: [
      'scenario',
      'recycles: farmprobe',
      'blackbox',
      'for 1m',
      'outages: farmprobe',
      'blackbox',
      'for 1m',
      'balancer errors: farmprobe',
      'explained rightly',
      'blackbox',
      'false alarms / node year: farmprobe',
      'blackbox',
      'for 1m',
    ],
    rows: withTotal(rows, blackboxCells, () => ''),
  }
}

function blackboxCells(name: string, rows: readonly Row[]): string[] {
  const { recycles, outages, blame, blackbox, nodeYears } = wholeOf(...rows)
  const { atOnce, afterOneMinute } = blackbox
  return [
    name,
    formatOf(recycles.found, recycles.real),
    formatOf(atOnce.recycles, blackbox.recycles),
    formatOf(afterOneMinute.recycles, blackbox.recycles),
    formatOf(outages.found, outages.real),
    formatOf(atOnce.outages, blackbox.outages),
    formatOf(afterOneMinute.outages, blackbox.outages),
    formatCount(blame.errors),
    blame.errors === 0 ? dash : String(blame.right),
    formatCount(blackbox.balancerErrors),
    formatRate((recycles.wrong + outages.wrong) / nodeYears),
    formatRate(atOnce.falseAlarms / nodeYears),
    formatRate(afterOneMinute.falseAlarms / nodeYears),
  ]
}

/** Every goal over all scenarios that it concerns; a limited one counts for the worst only. */
export function goalTable(rows: readonly Row[]): Table {
  const all = rows.flatMap((row) => results(row).map((result) => ({ ...result, scenario: row.scenario })))
  const names = [...new Set(all.map(({ what }) => what))]
  return {
    heading: ['goal', 'to reach', 'all but limited', 'worst', 'in', ...goalStatuses],
    rows: names.map((what) => {
      const own = all.filter((result) => result.what === what)
      const worst = own.reduce((a, b) => (b.shortfall > a.shortfall ? b : a))
      const counts = goalStatuses.map((status) => own.filter((each) => each.status === status).length)
      const fair = own.filter(({ status }) => status !== 'limited')
      const misses = fair.reduce((sum, result) => sum + result.misses, 0)
      const count = fair.reduce((sum, result) => sum + result.count, 0)
      return [
        what,
        worst.goal,
        worst.show(misses, count),
        worst.measured,
        worst.scenario,
        ...counts.map(formatCount),
      ]
    }),
  }
}

/** Every scenario below a goal, with the reason. */
export function belowTable(rows: readonly Row[]): Table {
  return {
    heading: ['below its goal', 'what', 'measured', 'goal', 'status', 'reason'],
    rows: rows.flatMap((row) =>
      results(row)
        .filter(({ status }) => status !== 'met')
        .map(({ what, measured, goal, status, reason }) => [
          row.scenario,
          what,
          measured,
          goal,
          status,
          reason,
        ]),
    ),
  }
}
