/** What the rules find, recorded as long as it is so; the alerts look back over it. */
import type { Recording } from './alert.ts'
import { anyOf, grown, indent, latest, whileReliable, whileWatched } from './alert_expressions.ts'
import {
  answersSum,
  canaryWithin,
  failures,
  gatewayErrors,
  gatewayErrorsSum,
  incidentsOpened,
  lostSlots,
  minutesWith,
  nodeDown,
  passedSum,
  probes,
  probesSum,
  recycledLately,
  recycles,
  subject,
  sumOver,
} from './recordings_minutes.ts'

type Window = Parameters<typeof sumOver>[1]

/** The share of the balancer's answers that are 502, 503 or 504. */
export const spike = 'farm:farmprobe_gateway_error_spike:ratio'
export const farmDown = 'farm_check:farmprobe_farm_down:bool'
/** Balancers of which the last probes, two or more, all failed: slow checks, for which a minute holds fewer. */
export const failingTwice = 'farm_check:farmprobe_balancer_failing_twice:count'
/** The share of a node's probes that failed. */
export const nodeFailing = 'farm_target:farmprobe_node_failing:ratio'
export const recyclesOften = 'farm_target:farmprobe_recycles_often:count'
export const recycledTogether = 'farm:farmprobe_nodes_recycled_together:count'
/** (Certificates that end within three weeks, or have ended.) */
export const certificateEnd = 'farm_target:farmprobe_certificate_end:timestamp'
export const incidentsRepeated = 'farm:farmprobe_incidents_repeated:count'
/** Farms that an address watched when it last answered and that nobody watches now. */
export const unwatched = 'job_instance:farmprobe_unwatched_farms:count'
export const blind = 'instance:farmprobe_blind:ratio'
export const overloaded = 'instance:farmprobe_overloaded:bool'

/** Of every farmprobe on its own: two that watch a farm see one error twice. */
const quickSpike = `max by (farm) (
  (sum by (job, instance, farm) (${grown(gatewayErrorsSum)}) >= 3)
    / sum by (job, instance, farm) (${grown(answersSum)}) >= 0.15
)
${whileReliable}`

/** Of a slow check at least 3 of up to 20 answers, as long as its last probe failed. */
const slowSpike = `max by (farm) (
${indent(
  anyOf(
    (['5m', '30m', '4h'] as const).map(
      (window) =>
        `(${sumOver(gatewayErrors, window)} >= 3) / (${sumOver(`${probes}{role="balancer"}`, window)} <= 20) >= 0.15`,
    ),
  ),
)}
  and on (job, instance, farm, check) ${latest('farmprobe_up{role="balancer"}')} == 0
)
${whileReliable}`

const onBalancer = 'role="balancer"'

/** At least two probes within a minute, and all failed. */
const failingForMinute = `${probesSum} - ${probesSum} offset 1m >= 2 and ${passedSum} == ${passedSum} offset 1m`

/** Each window holds two probes of checks up to half as slow: together they fit every interval from 1 to 65 minutes. */
const failingTwiceWithin = (window: Window) => {
  const failed = sumOver(`${failures}{${onBalancer}}`, window)
  return `${failed} >= 2\nand ${failed} == ${sumOver(`${probes}{${onBalancer}}`, window)}`
}

const verdict = (which: string) => latest(`farmprobe_verdict{verdict="${which}"}`)

const farmDownNow = `min by (farm, check) (${verdict('farm_down')}) == 1
and on (farm, check) (
${indent(failingForMinute)}
  or on (farm, check) ${failingTwice}
)
${whileWatched}`

const hiddenNow = `on (farm, check) avg_over_time(farmprobe_verdict{verdict="masked"}[5m]) > 0.5`

/**
 * The last probe was a failed one for more than half of the time, and at least two failed: the windows fit checks up to
 * every 5, 15 and 59 minutes.
 */
const nodeDownWithin = (
  window: Window,
) => `${sumOver(nodeDown, window)} / ${Number.parseInt(window, 10)} > 0.5
and on (${subject}) ${sumOver(`${failures}{role="node"}`, window)} >= 2`

const together = `max by (farm, target) (${recycledLately}{target!="balancer"})`

const lag = 'farmprobe_schedule_lag_seconds'
const starved = (which: string) => `${minutesWith(which, '5m')} >= 5`

export const scrapes = 'up{job=~".*farmprobe.*"}'

const watched = 'job_instance_farm:farmprobe_watched:timestamp'

/** The farms that an address watched when it last answered, within a day. */
const lastWatched = `(last_over_time(${watched}[1d]) >= on (job, instance) group_left () max by (job, instance) (last_over_time(${watched}[1d])))`

const nodeCount = 'farm:farmprobe_nodes:count'

export const quickFindings: readonly Recording[] = [
  { record: spike, labels: { pace: 'quick' }, expr: quickSpike },
  { record: farmDown, expr: farmDownNow },
]

export const findings: readonly Recording[] = [
  { record: watched, expr: 'max by (job, instance, farm) (timestamp(farmprobe_in_maintenance))' },
  {
    record: nodeCount,
    expr: `count by (farm) (group by (farm, target) (${latest('farmprobe_up{role="node"}')}))`,
  },
  { record: spike, labels: { pace: 'slow' }, expr: slowSpike },
  {
    record: failingTwice,
    expr: `max by (farm, check) (\n${indent(anyOf((['2m', '5m', '10m', '30m', '130m'] as const).map(failingTwiceWithin)))}\n)`,
  },
  {
    record: nodeFailing,
    expr: `max by (farm, target) (
${indent(anyOf((['10m', '30m', '119m'] as const).map(nodeDownWithin)))}
  and ${hiddenNow}
)
${whileWatched}`,
  },
  { record: recyclesOften, expr: `round(${sumOver(recycles, '6h')}) >= 4` },
  {
    // Most of them within 10 s of their median: a node that recycles again, or another that does later, changes nothing.
    // At least two, and more than 30 % of the nodes, because in a large farm two coincide by chance.
    record: recycledTogether,
    expr: `count by (farm) (
  abs(${together} - on (farm) group_left () quantile by (farm) (0.5, ${together})) <= 10
)
> on (farm) clamp_min(0.3 * ${nodeCount}, 1)
unless on (farm) ${canaryWithin('5m')}
and on (farm) max by (farm) (max_over_time(farmprobe_in_maintenance[16m])) == 0`,
  },
  {
    // After a restart the metric is 0 until the next handshake.
    record: certificateEnd,
    expr: `min by (farm, target) (${latest('farmprobe_tls_not_after_timestamp_seconds')} > 0) < time() + 21 * 86400`,
  },
  { record: incidentsRepeated, expr: `round(${sumOver(incidentsOpened, '1d')}) >= 3` },
  {
    record: blind,
    expr: `sum by (job, instance) (rate(farmprobe_suspect_samples_total[5m]))
  / sum by (job, instance) (rate(${lag}_count[5m])) > 0.05`,
  },
  {
    record: overloaded,
    expr: `${sumOver(lostSlots, '5m')}
  / on (job, instance) sum by (job, instance) (increase(${lag}_count[5m])) > 0.01
or
histogram_quantile(0.99, sum by (job, instance, le) (rate(${lag}_bucket[5m]))) > 0.25`,
  },
  {
    record: unwatched,
    expr: `count by (job, instance) (
  (
    ${lastWatched} and on (job, instance) ${scrapes} == 0
    or
    ${lastWatched} unless on (job) ${scrapes}
  )
  unless on (farm) ${latest('farmprobe_in_maintenance')}
)`,
  },
  {
    record: 'farm:farmprobe_unreliable:bool',
    expr: `count by (farm) (
  ${latest('farmprobe_in_maintenance')}
  and on (job, instance) (${starved(blind)} or ${starved(overloaded)})
)
== on (farm) farm:farmprobe_watchers:count`,
  },
]
