/** The facts of a report: `--json` prints them, the text and the page put them in words and charts. */
import { firstByteTimes, scheduledAnswers } from '../history/rollup.ts'
import type { StepsOf } from '../history/steps.ts'
import type { JournalReader } from '../journal/read/reader.ts'
import type { FarmEvent } from '../model/event.ts'
import { balancerName, type Role } from '../model/farm.ts'
import type { Incident } from '../model/incident.ts'
import type { Span } from '../model/past.ts'
import { dayMs, minuteMs } from '../runtime/duration.ts'
import { compareMarks, type MarkComparison } from './before_and_after.ts'
import { type Period, periodOf, type ToldSpan, tally, undisturbed, unionMs } from './period.ts'

export interface TargetFacts {
  readonly target: string
  readonly role: Role
  readonly probes: number
  readonly failures: number
  /** Answers 502 to scheduled probes. */
  readonly badGateways: number
  /** Milliseconds in outages, on any check. */
  readonly lostMs: number
  readonly outages: number
  readonly recycles: number
  readonly recyclesByEvidence: Readonly<Record<string, number>>
  /** Its recycles by the side that saw them: `outside`, `inside` or `both`. Absent where nothing was cross-checked. */
  readonly crosschecked?: Readonly<Record<string, number>>
  /** Its recycles by why the worker ended, as WAS wrote it. Absent where WAS wrote nothing. */
  readonly ended?: Readonly<Record<string, number>>
  /** Errors of the balancer that incidents attribute to it, by cause. */
  readonly blamedFor: Readonly<Record<string, number>>
  /** The newest sentence of each habit. */
  readonly habits: readonly string[]
  readonly firstRequest?: Period['firstRequest']
  /** Milliseconds to the first byte of scheduled probes. */
  readonly firstByteMs?: { readonly p50: number; readonly p95: number; readonly max: number }
}

/** A slow first request. */
export interface Moment {
  readonly atMs: number
  readonly target: string
  readonly lengthMs: number
}

export interface FarmFacts extends Omit<Period, 'bunches'> {
  readonly farm: string
  /** Those of which a part lies in the span, the newest first. */
  readonly incidents: readonly Incident[]
  /** The sums of `errors` of the incidents outside maintenance, and the errors that belong to none, as older versions recorded them. */
  readonly errors: Period['errors']
  readonly targets: readonly TargetFacts[]
  readonly deploys: number
  /** Who made the balancer's error answers and what they say, the most frequent first. */
  readonly madeBy: readonly { readonly status: number; readonly tells: string; readonly count: number }[]
  readonly worst: readonly Moment[]
  readonly marks: readonly MarkComparison[]
  readonly blind: readonly { readonly atMs: number; readonly untilMs: number; readonly sentence: string }[]
}

/** An outage may have opened this long before the span of the report. */
const lookBackMs = 7 * dayMs
const worstMoments = 8

/** The facts of one farm; the span must lie within what the journal remembers. */
export function farmFacts(journal: JournalReader, farm: string, asked: Span): FarmFacts {
  const lastSignMs = journal.lastSignMs()
  const span = { ...asked, knownUntilMs: Math.min(asked.untilMs, lastSignMs ?? asked.untilMs) }
  const reach = { ...span, sinceMs: span.sinceMs - lookBackMs }
  const events = journal.events(reach, { farm }, undefined, Number.MAX_SAFE_INTEGER)
  const blind = [...journal.blind(span, { farm }), ...silence(lastSignMs, span)]
  const watchedMs = (part: Span) =>
    part.untilMs -
    part.sinceMs -
    unionMs(
      blind.map(({ atMs, untilMs }) => ({ sinceMs: atMs, untilMs })),
      part,
    )
  const within = eventsIn(events, span)
  const incidents = journal.incidents(span, { farm }, Number.MAX_SAFE_INTEGER)
  const counted = incidents.filter(({ maintenance }) => !maintenance)
  const { bunches: _, ...period } = periodOf(events, span, watchedMs(span))
  const targets = targetsOf(journal.steps(span, { farm }), events, counted, span)
  const nodes = targets.filter(({ role }) => role === 'node').map(({ target }) => target)
  return {
    farm,
    incidents,
    ...period,
    errors: errorsOf(counted, undisturbed(events, span)),
    targets,
    deploys: within.filter(({ kind }) => kind === 'deploy').length,
    madeBy: madeBy(undisturbed(events, span)),
    worst: slowest(within),
    marks: compareMarks(journal.marks(span, { farm }), events, span, nodes, watchedMs),
    blind: blind.map(({ atMs, untilMs, sentence }) => ({ atMs, untilMs, sentence })),
  }
}

const eventsIn = (events: readonly FarmEvent[], { sinceMs, untilMs }: Span) =>
  events.filter(({ atMs }) => atMs >= sinceMs && atMs < untilMs)

function targetsOf(
  steps: readonly StepsOf[],
  events: readonly FarmEvent[],
  incidents: readonly Incident[],
  span: ToldSpan,
): TargetFacts[] {
  const byTarget = Map.groupBy(steps, ({ subject }) => subject.target)
  const blamed = Map.groupBy(
    incidents.flatMap(({ nodes }) => nodes),
    ({ node }) => node,
  )
  const about = Map.groupBy(events, targetOf)
  return [...byTarget]
    .map(([target, series]) =>
      targetFacts(target, series, about.get(target) ?? [], blamed.get(target) ?? [], span),
    )
    .sort((a, b) => Number(a.role === 'node') - Number(b.role === 'node') || a.target.localeCompare(b.target))
}

/** The target that something happened to, or that is blamed for it. */
function targetOf(event: FarmEvent): string | undefined {
  if (event.kind === 'balancer_error') return event.node
  return 'target' in event ? event.target : undefined
}

/** `events` are those about the target; they may reach beyond the span. */
function targetFacts(
  target: string,
  series: readonly StepsOf[],
  events: readonly FarmEvent[],
  parts: Incident['nodes'],
  span: ToldSpan,
) {
  const period = periodOf(events, span, 1, target)
  const all = series.flatMap(({ steps }) => steps)
  const sum = (of: (step: (typeof all)[number]) => number) => all.reduce((total, step) => total + of(step), 0)
  const own = eventsIn(events, span)
  const recycles = own.filter((event) => event.kind === 'recycle')
  const blamed = parts.filter(({ errors }) => errors > 0)
  const habits = own.filter((event) => event.kind === 'habit')
  const crosschecked = own.filter((event) => event.kind === 'crosscheck')
  const [laters, firsts] = [crosschecked.filter(({ late }) => late), crosschecked.filter(({ late }) => !late)]
  const explained = new Map(laters.map(({ atMs, seen }) => [atMs, seen]))
  const ended = crosschecked.flatMap(({ inside }) => inside?.was?.reason ?? [])
  // The check that is asked most says what is normal; a canary's answers are not.
  const [busiest] = all.toSorted((a, b) => b.probes - a.probes)
  const firstByteMs = busiest && firstByteTimes(busiest)
  return {
    target,
    role: series[0]?.subject.role ?? 'node',
    probes: sum(({ probes }) => probes),
    failures: sum(({ failures }) => failures),
    badGateways: sum((step) => scheduledAnswers(step)['502'] ?? 0),
    lostMs: period.lostMs,
    outages: own.filter(({ kind }) => kind === 'outage_opened').length,
    recycles: recycles.length,
    recyclesByEvidence: tally(recycles.map(({ evidence }) => evidence)),
    ...(crosschecked.length > 0 && {
      crosschecked: tally(firsts.map(({ atMs, seen }) => explained.get(atMs) ?? seen)),
    }),
    ...(ended.length > 0 && { ended: tally(ended) }),
    blamedFor: added(blamed.map(({ cause, errors }) => ({ [cause]: errors }))),
    habits: [...new Map(habits.map(({ habit, sentence }) => [habit, sentence])).values()],
    ...(target !== balancerName && period.firstRequest && { firstRequest: period.firstRequest }),
    ...(firstByteMs !== undefined && { firstByteMs }),
  }
}

const slowest = (within: readonly FarmEvent[]): Moment[] =>
  within
    .filter((event) => event.kind === 'first_request')
    .map(({ atMs, target, firstByteMs: lengthMs }) => ({ atMs, target, lengthMs }))
    .sort((a, b) => b.lengthMs - a.lengthMs)
    .slice(0, worstMoments)

/** What the balancer answered, added up over incidents; errors of events that belong to none are added. */
function errorsOf(incidents: readonly Incident[], within: readonly FarmEvent[]): Period['errors'] {
  const outside = within
    .filter((event) => event.kind === 'balancer_error')
    .filter(({ incident }) => incident === undefined)
  return added([...incidents.map(({ errors }) => errors), tally(outside.map(({ status }) => status))])
}

function added(all: readonly Period['errors'][]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [word, count] of all.flatMap(Object.entries)) sums[word] = (sums[word] ?? 0) + count
  return sums
}

/** When no prober runs, or it cannot write, for as long as this, the time since its last sign is not watched. */
const silentMs = minuteMs

function silence(lastSignMs: number | undefined, { sinceMs, untilMs }: Span): FarmFacts['blind'] {
  if (lastSignMs === undefined || untilMs - lastSignMs < silentMs) return []
  const atMs = Math.max(lastSignMs, sinceMs)
  return [{ atMs, untilMs, sentence: 'farmprobe is not running, or cannot write its journal' }]
}

const madeBy = (within: readonly FarmEvent[]): FarmFacts['madeBy'] =>
  mostFrequent(
    within.flatMap((event) =>
      event.kind === 'balancer_error' && event.tells !== undefined
        ? [{ status: event.status, tells: event.tells }]
        : [],
    ),
    ({ status, tells }) => `${status} ${tells}`,
  )

/** One of each that has the same key, and how many there are; the most frequent first. */
function mostFrequent<T extends object>(all: readonly T[], keyOf: (each: T) => string) {
  const groups = [...Map.groupBy(all, keyOf).values()].sort((a, b) => b.length - a.length)
  return groups.map((group) => ({ ...(group[0] as T), count: group.length }))
}
