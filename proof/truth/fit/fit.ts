/**
 * `npm run truth -- --fit`: fits the weights of the evidence for a recycle on recorded and simulated farms together, leaving
 * out one kind of server at a time. Figures are those of the kind left out: what to expect of a server never seen before.
 */
import { leastProbability } from '../../../src/detect/recycle/recycle_odds.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import { together } from '../scores/farm_score.ts'
import { formatCount, formatOf, formatRatio } from '../tables/figures.ts'
import { asMarkdown, asText } from '../tables/print_table.ts'
import type { Table } from '../tables/tables.ts'
import { type RecycleScore, scoreRecycles } from '../zoo/score/recycles.ts'
import { type JudgedFarm, recordedFarms, simulatedFarms } from './judged_farms.ts'
import { logisticRegression, probability, type Sample, type Weights } from './logistic_regression.ts'

export interface FitWanted {
  readonly folder: string
  readonly seed: number
  readonly shownAs: 'text' | 'markdown' | 'json'
}

export async function fit({ folder, seed, shownAs }: FitWanted): Promise<0> {
  const recorded = await recordedFarms(folder)
  const farms = [...recorded, ...(await simulatedFarms(seed))]
  const kinds = [...new Set(recorded.map(kindOf))]
  const whole = logisticRegression(samplesOf(farms))
  const folds = kinds.map((kind) => {
    const weights = logisticRegression(samplesOf(farms.filter((farm) => kindOf(farm) !== kind)))
    const own = recorded.filter((farm) => kindOf(farm) === kind)
    return {
      kind,
      weights,
      now: sum(own.map((farm) => scoreRecycles(farm))),
      left: sum(own.map((farm) => scoreWith(farm, weights))),
    }
  })
  const show = shownAs === 'markdown' ? asMarkdown : asText
  const text =
    shownAs === 'json'
      ? JSON.stringify({ whole, folds }, null, 2)
      : [
          weightTable(
            whole,
            folds.map(({ weights }) => weights),
            farms,
          ),
          foldTable(folds),
          claimTable(folds),
        ]
          .map(show)
          .join('\n\n')
  process.stdout.write(`${text}\n`)
  return 0
}

interface Fold {
  readonly kind: string
  /** With the weights of the product, and with those that were fitted to all other kinds. */
  readonly now: RecycleScore
  readonly left: RecycleScore
}

const kindOf = ({ recording }: JudgedFarm): string => recording.kind

/** Every kind of server and every scenario weighs the same, however long it was watched. */
function samplesOf(farms: readonly JudgedFarm[]): Sample[] {
  return [...Map.groupBy(farms, kindOf).values()].flatMap((own) => {
    const judged = own.flatMap((farm) => farm.judged)
    return judged.map(({ evidence, isStart }) => ({ evidence, isTrue: isStart, weight: 1 / judged.length }))
  })
}

/** The score of a farm as if its silences were judged with these weights. */
function scoreWith(farm: JudgedFarm, weights: Weights): RecycleScore {
  const { recording } = farm
  const others = farm.events.filter((event) => event.kind !== 'recycle' || !isConcluded(event))
  const concluded = farm.judged.flatMap(({ node, atMs, evidence }): FarmEvent[] => {
    const confidence = probability(weights, evidence)
    return confidence < leastProbability ? [] : [recycleEvent(recording.kind, node, atMs, confidence)]
  })
  return scoreRecycles({ recording, events: [...others, ...concluded].sort((a, b) => a.atMs - b.atMs) })
}

const isConcluded = ({ evidence }: { readonly evidence: string }): boolean =>
  evidence === 'cold_start' || evidence === 'outage'

const recycleEvent = (farm: string, target: string, atMs: number, confidence: number): FarmEvent => ({
  kind: 'recycle',
  farm,
  maintenance: false,
  target,
  atMs,
  confidence,
  evidence: 'cold_start',
  because: '',
})

const sum = (scores: readonly RecycleScore[]): RecycleScore => scores.reduce((a, b) => together(a, b))

function weightTable(whole: Weights, folds: readonly Weights[], farms: readonly JudgedFarm[]): Table {
  const judged = farms.flatMap((farm) => farm.judged)
  return {
    heading: [
      'evidence',
      'weight',
      'least with a kind left out',
      'most',
      'silences with it',
      'of them starts',
    ],
    rows: Object.entries(whole).map(([name, weight]) => {
      const others = folds.map((weights) => weights[name] ?? 0)
      const having = judged.filter(({ evidence }) => (evidence[name] ?? 1) !== 0)
      return [
        name,
        weight.toFixed(2),
        Math.min(...others).toFixed(2),
        Math.max(...others).toFixed(2),
        formatCount(having.length),
        formatRatio(having.filter(({ isStart }) => isStart).length, having.length),
      ]
    }),
  }
}

const cells = ({ due, found, right, reported }: RecycleScore) => [
  formatRatio(found, due),
  formatOf(found, due),
  formatRatio(right, reported),
  formatOf(right, reported),
]

const row = (kind: string, now: RecycleScore, left: RecycleScore) => [kind, ...cells(now), ...cells(left)]

function foldTable(folds: readonly Fold[]): Table {
  const all = (pick: (fold: Fold) => RecycleScore) => sum(folds.map(pick))
  return {
    heading: ['kind', 'recall', '', 'precision', '', 'fitted without this kind: recall', '', 'precision', ''],
    rows: [
      ...folds.map(({ kind, now, left }) => row(kind, now, left)),
      row(
        'all',
        all(({ now }) => now),
        all(({ left }) => left),
      ),
    ],
  }
}

/** Of the recycles that are reported with such a confidence, how many are true? */
function claimTable(folds: readonly Fold[]): Table {
  const steps = [leastProbability, 0.7, 0.9, 0.99, 1.01]
  return {
    heading: ['confidence, fitted without the kind', 'recycles', 'true'],
    rows: steps.slice(1).map((below, index) => {
      const least = steps[index] ?? 0
      const own = folds
        .flatMap(({ left }) => left.claims)
        .filter(({ confidence: c }) => c >= least && c < below)
      return [
        `${100 * least} to ${Math.round(100 * Math.min(1, below))} %`,
        formatCount(own.length),
        formatRatio(own.filter(({ right }) => right).length, own.length),
      ]
    }),
  }
}
