/**
 * What happened within each minute, recorded twice a minute, so that windows of hours and days are cheap and exact sums:
 * `sum_over_time(name[6h:1m])`. Series named in parentheses exist only in minutes in which something happened.
 */
import type { Recording } from './alert.ts'
import {
  grown,
  growth,
  indent,
  latest,
  onceEach,
  outsideMaintenance,
  risen,
  whileReliable,
} from './alert_expressions.ts'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * A window of whole steps that ends at the last full one, for a subquery. It is a millisecond short: windows of Prometheus 2
 * include the moment at which they begin, those of Prometheus 3 do not, and so both hold the same steps.
 */
export function steps(window: `${number}${keyof typeof unitMs}`, step: '1m' | '5m' | '1h'): string {
  const unit = window.slice(-1) as keyof typeof unitMs
  return `[${Number.parseInt(window, 10) * unitMs[unit] - 1}ms:${step}]`
}

type Window = Parameters<typeof steps>[0]

/** The sum of what is recorded of each minute. */
export const sumOver = (recorded: string, window: Window): string =>
  `sum_over_time(${recorded}${steps(window, '1m')})`

/** In how many minutes there was something to record. */
export const minutesWith = (recorded: string, window: Window): string =>
  `count_over_time(${recorded}${steps(window, '1m')})`

export const subject = 'job, instance, farm, role, target, check'

const sumOf = (counter: string) => `sum by (${subject}) (${latest(counter)})`

/** All scheduled probes, failed ones too; the histogram has the count in one series. */
const made = (matchers: string) => sumOf(`farmprobe_duration_seconds_count${matchers}`)
/** Those that say nothing against the farm: internal faults are farmprobe's own, and credentials those of a check. */
const passed = (matchers: string) =>
  sumOf(`farmprobe_probes_total{${matchers}lane="tick",result=~"ok|internal|auth"}`)
const answered = (matchers: string) =>
  sumOf(`farmprobe_responses_total{role="balancer",lane="tick"${matchers}}`)

/**
 * Sums of counters, of balancers: the counters are read once, and their growth is that of the sums. A counter that begins
 * with its first event has grown from zero.
 */
export const answersSum = 'subject:farmprobe_answers:sum'
export const gatewayErrorsSum = 'subject:farmprobe_gateway_errors:sum'
export const probesSum = 'subject:farmprobe_probes:sum'
/** Without those that failed. */
export const passedSum = 'subject:farmprobe_probes_passed:sum'

export const quickSums: readonly Recording[] = [
  { record: answersSum, expr: answered('') },
  { record: gatewayErrorsSum, expr: answered(',code=~"502|503|504"') },
  { record: probesSum, expr: made('{role="balancer"}') },
  { record: passedSum, expr: passed('role="balancer",') },
]

/** (Scheduled probes that failed, since farmprobe started.) */
const failedSum = 'subject:farmprobe_probes_failed:sum'
/** (Slots without a probe, since farmprobe started.) */
const missedSum = 'subject:farmprobe_missed_slots:sum'
/** (When a target last recycled, where that was within 15 minutes.) */
export const recycledLately = 'job_instance_farm_target:farmprobe_recycled_lately:timestamp'

/** Scheduled probes of balancers. */
export const probes = 'subject:farmprobe_probes:1m'
/** (Scheduled probes that failed.) */
export const failures = 'subject:farmprobe_failures:1m'
/** (The balancer's answers 502, 503 and 504 to scheduled probes.) */
export const gatewayErrors = 'subject:farmprobe_gateway_errors:1m'
/** (The share of the time in which a node's last probe was a failed one.) */
export const nodeDown = 'subject:farmprobe_node_down:1m'
/** (Recycles, except those that a canary may have caused by starting an idle pool.) */
export const recycles = 'farm_target:farmprobe_recycles:1m'
/** (Seconds that first requests took, where that was more than 5.) */
export const slowFirstRequests = 'farm_target_check:farmprobe_first_request_slow_seconds:1m'
/** (Incidents that users felt, when they opened.) */
export const incidentsOpened = 'farm:farmprobe_incidents_opened:1m'
/** (Incidents that users felt, when they closed, by culprit and cause.) */
export const incidentsClosed = 'farm_node_cause:farmprobe_incidents:1m'
/** (Slots without a probe that no slow target explains.) */
export const lostSlots = 'instance:farmprobe_lost_slots:1m'

/** The series whose counter is not what it was: a canary's series begin with its first probe. */
const changedWithin = (counter: string, window: string) =>
  `${latest(counter)} unless ${latest(counter)} == ${latest(counter, window)}`

export const canaryWithin = (window: string): string =>
  `(${changedWithin('farmprobe_probes_total{lane="canary"}', window)})`

const closed = 'farmprobe_incidents_total{impact="users"}'

/** This counter's series begin with 1, at the first incident of their kind: that counts if the farm was watched before. */
const closedWithinMinute = `(${growth(closed, '1m')} > 0)
  or
  (
    ${latest(closed)} unless ${latest(closed, '1m')}
    and on (job, instance, farm) ${latest('farmprobe_incidents_opened_total', '1m')}
  )`

/** What its growth is where only sums above zero are recorded. */
const grownFromZero = (sum: string) => `(
  (${sum} unless ${sum} offset 1m and on (job, instance, farm) ${latest('farmprobe_in_maintenance', '1m')})
  or
  ${grown(sum)} > 0
)`

/** A target that takes long reaches its `overlap` and misses slots: half a probe is under way at it, or more, on average. */
const slowTarget = 'rate(farmprobe_duration_seconds_sum[5m]) > 0.5'

/** The start of a farmprobe shows what its journal knew: only a time that was not shown before is a recycle. */
const recycledNow = `(
  ${recycledLately} > max_over_time(${recycledLately}[15m] offset 1m)
  or
  (${recycledLately} unless max_over_time(${recycledLately}[15m] offset 1m) and on (job, instance, farm) ${latest('farmprobe_in_maintenance', '1m')})
)`

/** Checks whose credentials were refused at a target within a quarter of an hour, or that lack some. */
export const lockedOut = `(${risen('farmprobe_probes_total{lane="tick",result="auth"}', '15m')} > 0)`

const watched = latest('farmprobe_in_maintenance')

export const minutes: readonly Recording[] = [
  { record: 'farm:farmprobe_watchers:count', expr: `count by (farm) (${watched})` },
  { record: probes, expr: `${grown(probesSum)}\n${outsideMaintenance}` },
  {
    record: failedSum,
    expr: `${made('')}\n  - ${passed('')} > 0`,
  },
  { record: failures, expr: `${grownFromZero(failedSum)}\n${whileReliable}` },
  { record: gatewayErrors, expr: `${grown(gatewayErrorsSum)} > 0\n${whileReliable}` },
  {
    // A little more than a minute, so that it holds a scrape where those are as slow.
    record: nodeDown,
    expr: `1 - avg_over_time(farmprobe_up{role="node"}[75s]) > 0
${whileReliable}`,
  },
  { record: recycledLately, expr: `${latest('farmprobe_last_recycle_timestamp_seconds')} > time() - 900` },
  {
    record: recycles,
    expr: `${onceEach('farm, target', `0 * ${recycledNow} + 1`)}
unless on (farm, target) ${canaryWithin('5m')}
${whileReliable}`,
  },
  {
    // Their ratio is exact, other than these increases themselves.
    record: slowFirstRequests,
    expr: `max by (farm, target, check) (
  delta(farmprobe_first_request_seconds_sum[3m]) / (delta(farmprobe_first_request_seconds_count[3m]) > 0) > 5
)
${whileReliable}`,
  },
  {
    record: incidentsOpened,
    expr: `${onceEach('farm', `${growth('farmprobe_incidents_opened_total{impact="users"}', '1m')} > 0`)}
${whileReliable}`,
  },
  {
    record: incidentsClosed,
    expr: `${onceEach('farm, node, cause', closedWithinMinute)}
${whileReliable}`,
  },
  { record: missedSum, expr: `${latest('farmprobe_missed_slots_total')} > 0` },
  {
    record: lostSlots,
    expr: `sum by (job, instance) (
${indent(grownFromZero(missedSum))}
  unless on (${subject}) ${slowTarget}
  ${outsideMaintenance}
)`,
  },
]
