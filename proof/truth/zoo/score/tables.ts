/** The tables of scores, by kind and interval. */
import { quantile } from '../../../statistics.ts'
import { dash, formatCount, formatMs, formatOf, formatRatio } from '../../tables/figures.ts'
import type { Table } from '../../tables/tables.ts'
import type { FarmName } from '../recording/recording.ts'
import { isNear } from './first_requests.ts'
import { meetings } from './recycles.ts'
import { type Score, sumOf } from './score.ts'

export interface Result {
  readonly name: FarmName
  readonly score: Score
}

export const tablesOf = (results: readonly Result[]): Table[] => [
  recycleTable(results),
  seenTable(results),
  blameTable(results),
  meetingTable(results),
  confidenceTable(results),
]

type Cells = (results: readonly Result[]) => string[]

/** A row for each kind and interval, and one for all. */
function rowsOf(results: readonly Result[], cells: Cells): string[][] {
  const keys = new Map(
    results.map(({ name: { kind, intervalMs } }) => [`${kind} ${intervalMs}`, { kind, intervalMs }]),
  )
  const rows = [...keys.values()].map(({ kind, intervalMs }) => {
    const own = results.filter(({ name }) => name.kind === kind && name.intervalMs === intervalMs)
    return [kind, `${intervalMs / 1000} s`, ...cells(own)]
  })
  return rows.length > 1 ? [...rows, ['all', '', ...cells(results)]] : rows
}

const scoresOf = (results: readonly Result[]): Score[] => results.map(({ score }) => score)

const inForm = (results: readonly Result[], identity: boolean): Score | undefined =>
  sumOf(scoresOf(results.filter(({ name }) => name.identity === identity)))

function recycleTable(results: readonly Result[]): Table {
  const forms = ['with identity', 'without identity']
  return {
    heading: [
      'kind',
      'interval',
      'recycles',
      ...forms.flatMap((form) => [
        `${form}: due`,
        'recall',
        'one of several workers',
        'reported',
        'precision',
      ]),
    ],
    rows: rowsOf(results, (own) => [
      formatCount(sumOf(scoresOf(own))?.recycles.happened ?? 0),
      ...[true, false].flatMap((identity) => recycleCells(inForm(own, identity))),
    ]),
  }
}

function recycleCells(score: Score | undefined): string[] {
  if (score === undefined) return [dash, dash, dash, dash, dash]
  const { due, found, dueOfSeveral, foundOfSeveral, reported, right } = score.recycles
  return [
    formatCount(due),
    formatRatio(found, due),
    formatOf(foundOfSeveral, dueOfSeveral),
    formatCount(reported),
    formatRatio(right, reported),
  ]
}

function seenTable(results: readonly Result[]): Table {
  return {
    heading: [
      'kind',
      'interval',
      'stalls due',
      'recall',
      'reported',
      'precision',
      'undecided',
      'end off p95',
      'first requests',
      'reported',
      'near the log',
      'off p95',
      "wrong: another's",
      'when warm',
    ],
    rows: rowsOf(results, (own) => {
      const score = sumOf(scoresOf(own))
      if (score === undefined) return []
      const { stalls, firsts } = score
      return [
        formatCount(stalls.due),
        formatRatio(stalls.found, stalls.due),
        formatCount(stalls.reported),
        formatRatio(stalls.right, stalls.reported - stalls.undecided),
        formatCount(stalls.undecided),
        formatMs(quantile(stalls.endOffMs, 0.95)),
        formatCount(firsts.own),
        formatRatio(firsts.reported, firsts.own),
        formatRatio(firsts.off.filter(isNear).length, firsts.off.length),
        formatMs(
          quantile(
            firsts.off.map(({ ms }) => ms),
            0.95,
          ),
        ),
        formatCount(firsts.reportedForOthers),
        formatCount(firsts.reportedWarm),
      ]
    }),
  }
}

function blameTable(results: readonly Result[]): Table {
  return {
    heading: [
      'kind',
      'interval',
      'balancer errors',
      'node right of named',
      'undecided',
      'node unknown',
      'cause right of named',
      'cause unknown',
      'probes',
      'suspect',
    ],
    rows: rowsOf(results, (own) => {
      const score = sumOf(scoresOf(own))
      if (score === undefined) return []
      const { errors, undecided, named, right, causeNamed, causeRight } = score.blame
      return [
        formatCount(errors),
        formatRatio(right, named),
        formatCount(undecided),
        formatRatio(errors - named - undecided, errors - undecided),
        formatRatio(causeRight, causeNamed),
        formatRatio(right - causeNamed, right),
        formatCount(score.probes),
        formatRatio(score.late, score.probes),
      ]
    }),
  }
}

/** What probes can know of recycles, however well it is concluded from. */
function meetingTable(results: readonly Result[]): Table {
  const [identity, without] = [true, false].map((form) => inForm(results, form)?.recycles.meetings ?? [])
  const total = identity?.length ?? 0
  return {
    heading: ['what probes met of a recycle', 'recycles', 'share', 'found with identity', 'without'],
    rows: meetings.map((meeting) => {
      const found = [identity, without].map((all) => (all ?? []).filter((each) => each.meeting === meeting))
      return [
        meeting,
        formatCount(found[0]?.length ?? 0),
        formatRatio(found[0]?.length ?? 0, total),
        ...found.map((own) => formatRatio(own.filter((each) => each.found).length, own.length)),
      ]
    }),
  }
}

/** Lower bounds of the confidence. */
const steps = [0, 0.5, 0.7, 0.9, 0.99]

/** The calibration: how often recycles reported without identity are true, by their confidence. */
function confidenceTable(results: readonly Result[]): Table {
  const claims = inForm(results, false)?.recycles.claims ?? []
  return {
    heading: ['confidence without identity', 'recycles', 'true'],
    rows: steps.map((least, index) => {
      const below = steps[index + 1] ?? 1.01
      const own = claims.filter(({ confidence }) => confidence >= least && confidence < below)
      const range = `${Math.round(100 * least)} to ${Math.min(100, Math.round(100 * below))} %`
      return [
        range,
        formatCount(own.length),
        formatRatio(own.filter(({ right }) => right).length, own.length),
      ]
    }),
  }
}
