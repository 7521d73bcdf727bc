/** The goals of recorded and live farms of the zoo, over all kinds. */
import { formatShare } from '../../tables/figures.ts'
import type { Table } from '../../tables/tables.ts'
import { isNear } from './first_requests.ts'
import { type Score, sumOf } from './score.ts'
import type { Result } from './tables.ts'

/** Of how many something is true, and of how many it should be; a count has no `of`. */
interface Figure {
  readonly part: number
  readonly of?: number
}

interface Goal {
  readonly what: string
  /** Of the farms with identity, of those without, or of both. */
  readonly form?: boolean
  /** Bounds of the share or of the count, both included. */
  readonly least?: number
  readonly most?: number
  /** Only farms of these kinds. */
  readonly kinds?: readonly string[]
  figure(score: Score): Figure
}

/** Where the network, the prober or garbage collection is to blame and no node. */
const blameless = ['weather', 'weather-restarts', 'prober-stopped', 'prober-starved', 'pausing-jvm']
/** Farther off than this, in milliseconds, is wrong: at most one in twenty is. */
const farOffMs = 300
const mostConfident = { from: 0.7, to: 0.9 }

const goals: readonly Goal[] = [
  { what: 'stalls: recall', least: 0.98, figure: ({ stalls }) => ({ part: stalls.found, of: stalls.due }) },
  {
    what: 'stalls: precision',
    least: 0.98,
    figure: ({ stalls }) => ({ part: stalls.right, of: stalls.reported - stalls.undecided }),
  },
  {
    what: 'stalls: end within 300 ms',
    least: 0.95,
    figure: ({ stalls: { endOffMs } }) => share(endOffMs, (ms) => ms <= farOffMs),
  },
  ...[
    { form: true, name: 'with identity', recall: 0.99, precision: 0.99 },
    { form: false, name: 'without identity', recall: 0.9, precision: 0.95 },
  ].flatMap(({ form, name, recall, precision }): Goal[] => [
    {
      what: `recycles ${name}: recall`,
      form,
      least: recall,
      figure: ({ recycles: { found, due } }) => ({ part: found, of: due }),
    },
    {
      what: `recycles ${name}: precision`,
      form,
      least: precision,
      figure: ({ recycles: { right, reported } }) => ({ part: right, of: reported }),
    },
  ]),
  {
    what: 'recycles without identity: true of those reported with 70 to 90 %',
    form: false,
    least: 0.65,
    most: 0.95,
    figure: ({ recycles: { claims } }) =>
      share(
        claims.filter(({ confidence: c }) => c >= mostConfident.from && c < mostConfident.to),
        ({ right }) => right,
      ),
  },
  {
    what: 'recycles that did not happen, where no node is to blame',
    most: 0,
    kinds: blameless,
    figure: ({ recycles: { reported, right } }) => ({ part: reported - right }),
  },
  {
    what: 'first requests: within 5 % or 100 ms of the log',
    least: 0.95,
    figure: ({ firsts }) => share(firsts.off, isNear),
  },
  {
    what: 'first requests reported although a user was first',
    most: 0,
    figure: ({ firsts }) => ({ part: firsts.reportedForOthers }),
  },
  {
    what: 'balancer errors: node right of named',
    least: 0.97,
    figure: ({ blame }) => ({ part: blame.right, of: blame.named }),
  },
  {
    what: 'balancer errors: node unknown',
    most: 0.1,
    figure: ({ blame: { errors, named, undecided } }) => ({
      part: errors - named - undecided,
      of: errors - undecided,
    }),
  },
  {
    what: 'balancer errors: cause right of named',
    least: 0.9,
    figure: ({ blame }) => ({ part: blame.causeRight, of: blame.causeNamed }),
  },
]

const share = <T>(all: readonly T[], holds: (each: T) => boolean): Figure => ({
  part: all.filter(holds).length,
  of: all.length,
})

export interface GoalResult {
  readonly what: string
  readonly goal: string
  readonly figure: Figure | undefined
  readonly missed: boolean
  /** How many are wrong, for the order of the worst. */
  readonly wrong: number
}

/** What is reached of every goal; of no farm there is no figure. */
export const goalResults = (results: readonly Result[]): GoalResult[] =>
  goals.map((goal) => {
    const { what, form, kinds } = goal
    const own = results.filter(
      ({ name }) => (form ?? name.identity) === name.identity && (kinds?.includes(name.kind) ?? true),
    )
    const score = sumOf(own.map((each) => each.score))
    const figure = score && goal.figure(score)
    if (figure === undefined) return { what, goal: bounds(goal), figure, missed: false, wrong: 0 }
    const { part, of = part } = figure
    const wrong = goal.least === undefined ? part : of - part
    return { what, goal: bounds(goal), figure, missed: isMissed(goal, figure), wrong }
  })

function isMissed({ least = 0, most = Number.POSITIVE_INFINITY }: Goal, { part, of = 1 }: Figure): boolean {
  return of > 0 && (part / of < least || part / of > most)
}

const bounds = ({ least, most }: Goal): string =>
  [least === undefined ? '' : `>= ${least}`, most === undefined ? '' : `<= ${most}`]
    .filter((bound) => bound !== '')
    .join(', ')

const formatFigure = ({ part, of }: Figure): string =>
  of === undefined ? String(part) : `${of === 0 ? '' : formatShare(part / of)} (${part} of ${of})`.trim()

/** Every goal, what is reached of it over all kinds, and which kinds alone would miss it, the worst first. */
export function goalTable(results: readonly Result[]): Table {
  const kinds = [...new Set(results.map(({ name }) => name.kind))]
  const byKind = kinds.map((kind) => goalResults(results.filter(({ name }) => name.kind === kind)))
  return {
    heading: ['goal', 'to reach', 'reached', '', 'missed by kinds'],
    rows: goalResults(results).map(({ what, goal, figure, missed }, index) => [
      what,
      goal,
      figure === undefined ? '' : formatFigure(figure),
      missed ? 'missed' : 'met',
      kinds
        .flatMap((kind, at) => {
          const own = byKind[at]?.[index]
          return own?.missed === true && own.figure !== undefined
            ? [{ ...own, kind, figure: own.figure }]
            : []
        })
        .sort((a, b) => b.wrong - a.wrong)
        .map(({ kind, figure }) => `${kind} ${formatFigure(figure)}`)
        .join(', '),
    ]),
  }
}
