/**
 * What happened within each minute, recorded twice a minute, so that windows of hours and days are cheap and exact sums:
 * `sum_over_time(name[6h:1m])`. Series named in parentheses exist only in minutes in which something happened.
 */
import type { Recording } from './alert.ts'
import { growth, latest, onceEach, outsideMaintenance, whileReliable } from './alert_expressions.ts'

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

const subject = 'job, instance, farm, role, target, check'

/** All scheduled probes, failed ones too; the histogram has the count in one series. */
export const probesMade = (matchers: string): string => `farmprobe_duration_seconds_count${matchers}`
/** Those that say nothing against the farm: internal faults are farmprobe's own. */
export const probesPassed = (matchers: string): string =>
  `farmprobe_probes_total{${matchers}lane="tick",result=~"ok|internal"}`

/** Scheduled probes. */
export const probes = 'subject:farmprobe_probes:1m'
/** (Scheduled probes that failed.) */
export const failures = 'subject:farmprobe_failures:1m'
/** (The balancer's answers 502, 503 and 504 to scheduled probes.) */
export const gatewayErrors = 'subject:farmprobe_gateway_errors:1m'
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

export const gatewayAnswers = (matchers: string): string =>
  `farmprobe_responses_total{role="balancer",lane="tick"${matchers}}`

const lastRecycle = 'farmprobe_last_recycle_timestamp_seconds'

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

/** A target that takes long reaches its `overlap` and misses slots; its probes then take more than a second on average. */
const slowTarget = `(${latest('farmprobe_duration_seconds_sum')} - ${latest('farmprobe_duration_seconds_sum', '5m')})
    / (${latest('farmprobe_duration_seconds_count')} - ${latest('farmprobe_duration_seconds_count', '5m')}) > 1`

const watched = latest('farmprobe_in_maintenance')

export const minutes: readonly Recording[] = [
  { record: 'farm:farmprobe_watchers:count', expr: `count by (farm) (${watched})` },
  {
    record: probes,
    expr: `${growth(probesMade(''), '1m')}\n${outsideMaintenance}`,
  },
  {
    record: failures,
    expr: `sum by (${subject}) (${growth(probesMade(''), '1m')})
  - sum by (${subject}) (${growth(probesPassed(''), '1m')}) > 0
${whileReliable}`,
  },
  {
    record: gatewayErrors,
    expr: `sum by (${subject}) (${growth(gatewayAnswers(',code=~"502|503|504"'), '1m')}) > 0\n${whileReliable}`,
  },
  {
    record: recycles,
    expr: `${onceEach(
      'farm, target',
      `0 * (${latest(lastRecycle)} > time() - 900 > ${latest(lastRecycle, '1m')}) + 1`,
    )}
unless on (farm, target) ${canaryWithin('5m')}
${whileReliable}`,
  },
  {
    record: slowFirstRequests,
    expr: `max by (farm, target, check) (
  ${growth('farmprobe_first_request_seconds_sum', '1m')}
    / ${growth('farmprobe_first_request_seconds_count', '1m')} > 5
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
  {
    record: lostSlots,
    expr: `sum by (job, instance) (
  ${growth('farmprobe_missed_slots_total', '1m')} > 0
  unless on (job, instance, farm, target, check)
    ${slowTarget}
  ${outsideMaintenance}
)`,
  },
]
