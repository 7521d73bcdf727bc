/** The recent past in memory, bounded: what the page shows where there is no journal, and every probe of the last minutes. */
import { type History, type Step } from '../../history/history.ts'
import type { FarmEvent } from '../../model/event.ts'
import type { Outcome, Subject } from '../../model/outcome.ts'
import { type About, isAbout, type Mark, type Span } from '../../model/past.ts'
import type { BriefProbe } from '../api/schemas.ts'
import { briefProbe } from './brief_probe.ts'
import { mergeSteps } from './merge_steps.ts'
import { addToMinute, minuteMs, type OpenMinute, openMinute, stepOf } from './minute.ts'
import { createRing, type Ring } from './ring.ts'

/** What is kept at most; of 200 nodes all of it together is some 30 MB. */
const kept = { minutes: 180, probesPerSeries: 300, failures: 500, events: 10_000, marks: 500 }

interface SeriesPast {
  readonly subject: Subject
  readonly minutes: Ring<Step>
  readonly probes: Ring<BriefProbe>
  open: OpenMinute
  last: BriefProbe & { readonly detail: string }
}

export interface Recent extends History {
  observe(outcome: Outcome): void
  happened(event: FarmEvent): void
  mark(mark: Mark): void
  /** Forgets the series that are not to be kept. */
  retain(isKept: (subject: Subject) => boolean): void
  /** The probes of the last minutes, the oldest first. */
  probes(subject: Omit<Subject, 'role'>, span: Span): readonly BriefProbe[]
  /** The newest probe that proves something; undefined before the first. */
  last(subject: Omit<Subject, 'role'>): SeriesPast['last'] | undefined
}

/** A memory that begins at `startMs`, wall milliseconds. */
export function createRecent(startMs: number): Recent {
  const past = new Map<string, SeriesPast>()
  const events = createRing<FarmEvent>(kept.events)
  const failures = createRing<Outcome>(kept.failures)
  const marks = createRing<Mark>(kept.marks)
  let newestMs = startMs
  return {
    kind: 'memory',
    oldestMs: () => Math.max(startMs, newestMs - kept.minutes * minuteMs),
    observe(outcome) {
      newestMs = Math.max(newestMs, outcome.startedMs)
      const series = pastOf(past, outcome)
      const brief = briefProbe(outcome)
      series.probes.push(brief)
      if (brief.proof !== 'nothing' && brief.atMs >= series.last.atMs)
        series.last = { ...brief, detail: outcome.detail }
      if (brief.proof === 'failure') failures.push(outcome)
      addToMinute(minuteAt(series, outcome.startedMs), outcome)
    },
    happened: events.push,
    mark: marks.push,
    retain(isKept) {
      for (const [key, { subject }] of past) if (!isKept(subject)) past.delete(key)
    },
    probes: (subject, span) =>
      (past.get(keyOf(subject))?.probes.items() ?? []).filter(({ atMs }) => within(span, atMs)),
    last: (subject) => past.get(keyOf(subject))?.last,
    events: (span, about, kinds, limit) =>
      events
        .items()
        .filter((event) => isAsked(event, span, about, kinds))
        .slice(-limit),
    steps: (span, about, stepMs) =>
      [...past.values()]
        .filter(({ subject }) => isAbout(about, subject))
        .map((series) => ({ subject: series.subject, steps: mergeSteps(stepsOf(series, span), stepMs) })),
    failures: (span, about, limit) =>
      failures
        .items()
        .filter((outcome) => within(span, outcome.startedMs) && isAbout(about, outcome))
        .toReversed()
        .slice(0, limit),
    marks: (span, about) => marks.items().filter((mark) => within(span, mark.atMs) && touches(about, mark)),
    blind: () => [],
  }
}

const keyOf = ({ farm, target, check }: Omit<Subject, 'role'>) => `${farm}\n${target}\n${check}`

const within = ({ sinceMs, untilMs }: Span, atMs: number) => atMs >= sinceMs && atMs < untilMs

/** A mark without a farm or target concerns all of them. */
const touches = (about: About, mark: Pick<Mark, 'farm' | 'target'>): boolean =>
  (about.farm === undefined || mark.farm === undefined || about.farm === mark.farm) &&
  (about.target === undefined || mark.target === undefined || about.target === mark.target)

const isAsked = (
  event: FarmEvent,
  span: Span,
  { farm, target }: About,
  kinds: ReadonlySet<string> | undefined,
): boolean =>
  within(span, event.atMs) &&
  (kinds === undefined || kinds.has(event.kind)) &&
  (farm === undefined || event.farm === farm) &&
  (target === undefined || concerns(event, target))

/** Whether an event belongs to the story of a target. */
function concerns(event: FarmEvent, target: string): boolean {
  if (event.kind === 'deploy') return event.targets.includes(target)
  if (event.kind === 'balancer_error') return event.node === target || target === 'balancer'
  return 'target' in event && event.target === target
}

function pastOf(past: Map<string, SeriesPast>, { farm, role, target, check }: Outcome): SeriesPast {
  const key = keyOf({ farm, target, check })
  const known = past.get(key)
  if (known !== undefined) return known
  const series: SeriesPast = {
    subject: { farm, role, target, check },
    minutes: createRing(kept.minutes),
    probes: createRing(kept.probesPerSeries),
    open: openMinute(0),
    last: nothingYet,
  }
  past.set(key, series)
  return series
}

const nothingYet: SeriesPast['last'] = {
  atMs: 0,
  lane: 'tick',
  proof: 'nothing',
  reason: 'internal',
  status: 0,
  totalMs: 0,
  detail: '',
}

/** A probe that ends after its minute is counted in the present one. */
function minuteAt(series: SeriesPast, startedMs: number): OpenMinute {
  const atMs = Math.floor(startedMs / minuteMs) * minuteMs
  if (atMs > series.open.atMs) {
    if (series.open.atMs > 0) series.minutes.push(stepOf(series.open))
    series.open = openMinute(atMs)
  }
  return series.open
}

function stepsOf({ minutes, open }: SeriesPast, { sinceMs, untilMs }: Span): Step[] {
  const all = open.atMs > 0 ? [...minutes.items(), stepOf(open)] : []
  return all.filter(({ atMs }) => atMs + minuteMs > sinceMs && atMs < untilMs)
}
