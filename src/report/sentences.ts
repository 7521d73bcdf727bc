/** The words of a report, shared by its text and its page. */

import type { Incident } from '../model/incident.ts'
import type { EndReason } from '../model/workers.ts'
import { dayMs, formatDuration, minuteMs } from '../runtime/duration.ts'
import { printable } from '../runtime/printable.ts'
import type { Change, MarkComparison } from './before_and_after.ts'
import type { FarmFacts, Moment, TargetFacts } from './facts.ts'
import { blamePhrase, impactPhrase, lengthPhrase } from './incident_phrases.ts'
import type { Measured, Period } from './period.ts'

/** A moment, as `2026-07-03 04:12:09`. */
export const time = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')

/** For how long the farm was watched. */
export function watched({
  watchedMs,
  sinceMs,
  untilMs,
}: Pick<Period, 'watchedMs' | 'sinceMs' | 'untilMs'>): string {
  const lost = untilMs - sinceMs - watchedMs
  const unwatched = lost >= 1000 ? `, not watched for ${formatDuration(lost)}` : ''
  return `watched for ${formatDuration(watchedMs)}${unwatched}`
}

/** What users saw, in one line or two. */
export function users({ errors, incidents, lostMs, deploys, recycles }: FarmFacts): string[] {
  const codes = Object.entries(errors).map(
    ([code, count]) => `${count} x ${code === '0' ? 'no answer' : code.replaceAll('_', ' ')}`,
  )
  const felt = incidents.filter(({ impact, maintenance }) => impact === 'users' && !maintenance).length
  const within = felt > 0 ? `, in ${counted(felt, 'incident')}` : ''
  const seen =
    codes.length > 0 ? `${codes.join(', ')} from the balancer${within}` : 'no errors from the balancer'
  const lost = lostMs > 0 ? `, ${formatDuration(lostMs)} without a good answer` : ''
  const behind = recycles > 0 ? [`${counted(recycles, 'recycle')}, ${counted(deploys, 'deploy')}`] : []
  return [`${seen}${lost}`, ...behind]
}

export const usersFelt = ({ errors }: FarmFacts): boolean => Object.keys(errors).length > 0

const mostIncidents = 15

/** Who caused how many, then those with the most errors, in a sentence each. */
export function incidents({ incidents: all, untilMs, knownUntilMs = untilMs }: FarmFacts): string[] {
  const groups = [...Map.groupBy(all, ({ node, cause }) => `${node} ${cause}`).values()]
    .map((group) => ({ group, errors: sum(group.map(errorCount)) }))
    .sort((a, b) => b.errors - a.errors || b.group.length - a.group.length)
  const shown = all.toSorted((a, b) => errorCount(b) - errorCount(a)).slice(0, mostIncidents)
  const rest = all.length - shown.length
  return [
    ...groups.flatMap(({ group, errors }) =>
      group[0] === undefined
        ? []
        : [
            `${blamePhrase(group[0].node, group[0].cause)}: ${counted(group.length, 'incident')}, ${counted(errors, 'error')} from the balancer`,
          ],
    ),
    ...shown.map((each) => {
      const disturbed = each.maintenance ? ', in maintenance' : ''
      return `${time(each.openedMs)}  ${lengthPhrase(each, knownUntilMs)}, ${impactPhrase(each)}${disturbed}: ${printable(each.summary)}`
    }),
    ...(rest > 0 ? [`and ${rest} more, with fewer errors: farmprobe incidents lists all`] : []),
  ]
}

const errorCount = ({ errors }: Incident) => sum(Object.values(errors))

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

export interface Column {
  readonly title: string
  /** Words are aligned to the left, numbers to the right. */
  readonly isText?: boolean
  readonly cell: (facts: TargetFacts) => string
}

export const columns: readonly Column[] = [
  { title: 'target', isText: true, cell: ({ target }) => target },
  { title: 'probes', cell: ({ probes }) => `${probes}` },
  { title: 'failed', cell: ({ failures }) => `${failures}` },
  { title: 'out', cell: ({ lostMs }) => (lostMs > 0 ? formatDuration(lostMs) : '0') },
  { title: 'first byte p50', cell: ({ firstByteMs }) => duration(firstByteMs?.p50) },
  { title: 'p95', cell: ({ firstByteMs }) => duration(firstByteMs?.p95) },
  { title: 'recycles', cell: ({ role, recycles }) => (role === 'node' ? `${recycles}` : '-') },
  { title: 'first requests p50', cell: ({ firstRequest }) => duration(firstRequest?.p50Ms.value) },
  { title: 'p95', cell: ({ firstRequest }) => duration(firstRequest?.p95Ms.value) },
  { title: 'max', cell: ({ firstRequest }) => duration(firstRequest?.maxMs) },
  { title: 'blamed for', isText: true, cell: ({ blamedFor }) => causes(blamedFor) },
]

const causes = (blamedFor: TargetFacts['blamedFor']) =>
  Object.entries(blamedFor)
    .map(([cause, count]) => `${count} x ${causeWords[cause] ?? cause}`)
    .join(', ')

const duration = (ms: number | undefined) => (ms === undefined ? '-' : formatDuration(ms))

/** As in "7 errors in 9.4s, because web03 ...". */
const causeWords: Readonly<Record<string, string>> = {
  recycle: 'recycled',
  cold_start: 'started cold',
  node_down: 'was down',
  timeout: 'was slower than the balancer waits',
  balancer: 'made it itself',
  stale_connection: 'had closed the connection',
  overload: 'was overloaded',
  unknown: 'unknown cause',
}

export const moment = ({ target, lengthMs }: Moment): string =>
  `${target}'s first request took ${formatDuration(lengthMs)}`

/** `since "set AlwaysRunning on web03": first request p95 11.2s to 0.4s, balancer 502s per day 14 to 0` */
export function markSentence(mark: MarkComparison): string {
  const { firstRequestP95Ms, badGatewaysPerDay } = mark
  const said = [
    ...(firstRequestP95Ms === undefined
      ? []
      : [`first request p95 ${step(firstRequestP95Ms, formatDuration)}`]),
    `balancer 502s per day ${step(badGatewaysPerDay, perDay)}`,
  ]
  return `since "${printable(mark.text)}": ${said.join(', ')}`
}

const step = ({ before, after }: Change, say: (value: number) => string) =>
  `${say(before.value)} to ${say(after.value)}`

/** Every figure of a mark with its interval, and whether it can be chance. */
export function changes(mark: MarkComparison): string[] {
  const { firstRequestP95Ms, badGatewaysPerDay, recyclesPerDay, before, after } = mark
  const requests = `${before.firstRequest?.count ?? 0} and ${after.firstRequest?.count ?? 0} seen`
  return [
    ...(firstRequestP95Ms === undefined
      ? []
      : [change('first request p95', firstRequestP95Ms, formatDuration, requests)]),
    change('balancer 502s per day', badGatewaysPerDay, perDay),
    change('recycles per day', recyclesPerDay, perDay),
    `minutes lost per day: ${perDay(lostPerDay(before))} to ${perDay(lostPerDay(after))}`,
  ]
}

const lostPerDay = ({ lostMs, watchedMs }: Period) => (lostMs / minuteMs) * (dayMs / watchedMs)

function change(name: string, { before, after, sure }: Change, say: (value: number) => string, seen = '') {
  const proof = sure ? 'more than chance' : 'may be chance'
  const figures = `${measured(before, say)} to ${measured(after, say)}`
  return `${name}: ${figures}; ${proof}${seen === '' ? '' : ` (${seen})`}`
}

/** A figure with its 95 % interval, as `14 (9.1 to 20)`. */
function measured({ value, low, high }: Measured, say: (value: number) => string): string {
  return `${say(value)} (${say(low)} to ${high === undefined ? 'any' : say(high)})`
}

const perDay = (value: number) =>
  value === 0 ? '0' : String(Number(value.toPrecision(value >= 100 ? 3 : 2)))

/** Who made the error answers of the balancer, and what they say. */
export const madeBy = ({ madeBy: all }: Pick<FarmFacts, 'madeBy'>): string[] =>
  all.map(({ status, tells, count }) => `${count} x ${status} made by ${printable(tells)}`)

const endWords: Readonly<Record<EndReason, string>> = {
  idle: 'idle',
  schedule: 'schedule',
  requests: 'number of requests',
  memory: 'memory',
  crash: 'crash',
  unhealthy: 'unhealthy',
  change: 'administrator or configuration',
}

/** Of each node that was cross-checked, who saw its recycles, and why they were. */
export const crosschecks = ({ targets }: Pick<FarmFacts, 'targets'>): string[] =>
  targets.flatMap(({ target, crosschecked, ended = {} }) => {
    if (crosschecked === undefined) return []
    const { both = 0, outside = 0, inside = 0 } = crosschecked
    const apart = [
      ...(outside > 0 ? [`${outside} from outside only`] : []),
      ...(inside > 0 ? [`${inside} inside only`] : []),
    ]
    const rest = apart.length === 0 ? 'none by one side only' : apart.join(', ')
    const reasons = Object.entries(ended).map(
      ([reason, count]) => `${count} x ${endWords[reason as EndReason]}`,
    )
    const why = reasons.length === 0 ? '' : `; why, by WAS: ${reasons.join(', ')}`
    return [`${target}: ${counted(both, 'recycle')} seen by both sides, ${rest}${why}`]
  })

/** Times in which the farm was not watched: the longest ones first. */
export function blind({ blind: times }: FarmFacts): string[] {
  const longest = times.toSorted((a, b) => b.untilMs - b.atMs - (a.untilMs - a.atMs))
  const rest = longest.length - 5
  return [
    ...longest
      .slice(0, 5)
      .map(({ atMs, untilMs, sentence }) => `${time(atMs)}  ${formatDuration(untilMs - atMs)}: ${sentence}`),
    ...(rest > 0 ? [`and ${rest} more, shorter`] : []),
  ]
}

const counted = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`
