/** The recent past in memory, bounded: what the page shows where there is no journal, and every probe of the last minutes. */
import type { History } from '../../history/history.ts'
import { minuteOf } from '../../history/minutes.ts'
import { numberedWords } from '../../history/numbering.ts'
import { PackedLog } from '../../history/packed_log.ts'
import { createRing } from '../../history/ring.ts'
import { addOutcome, copyOf, emptyRollup, type Rollup } from '../../history/rollup.ts'
import { minuteCodec } from '../../history/rollup_bytes.ts'
import { type Piece, stepsOf } from '../../history/steps.ts'
import { stripsOf } from '../../history/strips.ts'
import type { FarmEvent } from '../../model/event.ts'
import { type Outcome, type Subject, seriesKey } from '../../model/outcome.ts'
import { type About, isAbout, type Mark, type Span } from '../../model/past.ts'
import { minuteMs } from '../../runtime/duration.ts'
import type { BriefProbe } from '../api/schemas.ts'
import { briefProbe, briefProbeCodec, remarkOf } from './brief_probe.ts'
import { createRecentIncidents } from './recent_incidents.ts'

/** What is kept at most; of 200 nodes all of it together is some 10 MB. */
const kept = { minutes: 180, probesPerSeries: 300, failures: 500, events: 10_000, marks: 500 }

/** Minutes to which probes are still added: one may take two minutes. */
const openMinutes = 3

interface SeriesPast {
  readonly subject: Subject
  readonly minutes: PackedLog<readonly [minute: number, rollup: Rollup]>
  /** The minutes to which probes are still added, the one added to last at the end. */
  readonly open: Map<number, Rollup>
  readonly probes: PackedLog<BriefProbe>
  last: BriefProbe & Pick<Outcome, 'detail' | 'remark'>
}

export interface Recent extends History {
  observe(outcome: Outcome): void
  record(event: FarmEvent): void
  mark(mark: Mark): void
  retain(subjects: readonly Subject[]): void
  /** The probes of the last minutes, the oldest first. */
  probes(subject: Omit<Subject, 'role'>, span: Span): readonly BriefProbe[]
  /** The newest probe that proves something, or had its credentials refused; undefined before the first. */
  last(subject: Omit<Subject, 'role'>): SeriesPast['last'] | undefined
}

/** A memory that begins at `startMs`, wall milliseconds. */
export function createRecent(startMs: number): Recent {
  const past = new Map<string, SeriesPast>()
  const events = createRing<FarmEvent>(kept.events)
  const failures = createRing<Outcome>(kept.failures)
  const marks = createRing<Mark>(kept.marks)
  const incidents = createRecentIncidents()
  const minutes = minuteCodec(numberedWords())
  let newestMs = startMs
  const seriesOf = (outcome: Outcome): SeriesPast => {
    const key = keyOf(outcome)
    let series = past.get(key)
    if (series === undefined) past.set(key, (series = nothingOf(outcome, minutes)))
    return series
  }
  const pieces = (span: Span, about: About): Iterable<Piece> =>
    past
      .values()
      .filter(({ subject }) => isAbout(about, subject))
      .flatMap((series) => minutesWithin(series, span))
  return {
    kind: 'memory',
    oldestMs: () => Math.max(startMs, newestMs - kept.minutes * minuteMs),
    observe(outcome) {
      newestMs = Math.max(newestMs, outcome.startedMs)
      const series = seriesOf(outcome)
      const brief = briefProbe(outcome)
      series.probes.add(brief)
      const isTold = brief.proof !== 'nothing' || brief.reason === 'auth'
      if (isTold && brief.atMs >= series.last.atMs)
        series.last = Object.assign(brief, { detail: outcome.detail }, remarkOf(outcome))
      if (isTold && brief.proof !== 'ok') failures.push(outcome)
      addToMinute(series, outcome)
    },
    record(event) {
      events.push(event)
      incidents.record(event)
    },
    incidents: incidents.during,
    incident: incidents.named,
    mark: marks.push,
    retain(subjects) {
      const kept = new Set(subjects.map(keyOf))
      for (const key of past.keys()) if (!kept.has(key)) past.delete(key)
    },
    probes: (subject, span) =>
      [...(past.get(keyOf(subject))?.probes.items() ?? [])].filter(({ atMs }) => within(span, atMs)),
    last: (subject) => past.get(keyOf(subject))?.last,
    events: (span, about, kinds, limit) =>
      events
        .items()
        .filter((event) => isAsked(event, span, about, kinds))
        .slice(-limit),
    steps: (span, about, stepMs) =>
      stepsOf(pieces(span, about), (atMs) => Math.floor(atMs / stepMs) * stepMs),
    strips: (span, about, cellMs) => stripsOf(pieces(span, about), span, cellMs),
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

const keyOf = ({ farm, target, check }: Omit<Subject, 'role'>) => `${farm}\n${seriesKey(target, check)}`

const within = ({ sinceMs, untilMs }: Span, atMs: number) => atMs >= sinceMs && atMs < untilMs

/** A mark without a farm or target concerns all of them. */
const touches = (about: About, mark: Mark): boolean =>
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

function concerns(event: FarmEvent, target: string): boolean {
  if (event.kind === 'deploy') return event.targets.includes(target)
  if (event.kind === 'balancer_error') return event.node === target || target === 'balancer'
  return 'target' in event && event.target === target
}

const nothingOf = (
  { farm, role, target, check }: Subject,
  minutes: ReturnType<typeof minuteCodec>,
): SeriesPast => ({
  subject: { farm, role, target, check },
  minutes: new PackedLog(kept.minutes + 1 - openMinutes, minutes),
  open: new Map(),
  probes: new PackedLog(kept.probesPerSeries, briefProbeCodec),
  last: { atMs: 0, lane: 'tick', proof: 'nothing', reason: 'internal', status: 0, totalMs: 0, detail: '' },
})

/**
 * Adds a probe to the minute in which it started. When too many are open, the one that was added to longest ago is
 * packed: not the earliest one, because the wall clock may be set back.
 */
function addToMinute({ open, minutes }: SeriesPast, outcome: Outcome): void {
  const minute = minuteOf(outcome.startedMs)
  const rollup = open.get(minute) ?? emptyRollup()
  addOutcome(rollup, outcome)
  open.delete(minute)
  open.set(minute, rollup)
  const [oldest] = open
  if (oldest === undefined || open.size <= openMinutes) return
  minutes.add(oldest)
  open.delete(oldest[0])
}

/** Every minute of a series within a span; one to which a probe came very late is in two pieces. */
function* minutesWithin({ subject, minutes, open }: SeriesPast, { sinceMs, untilMs }: Span) {
  const isWithin = (minute: number) => (minute + 1) * minuteMs > sinceMs && minute * minuteMs < untilMs
  for (const [minute, rollup] of minutes.items())
    if (isWithin(minute)) yield { subject, atMs: minute * minuteMs, rollup }
  for (const [minute, rollup] of open)
    if (isWithin(minute)) yield { subject, atMs: minute * minuteMs, rollup: copyOf(rollup) }
}
