/** What the rules find, recorded as long as it is so; the alerts look back over it. */
import type { Recording } from './alert.ts'
import { anyOf, growth, indent, latest, whileReliable, whileWatched } from './alert_expressions.ts'
import {
  canaryWithin,
  failures,
  gatewayAnswers,
  gatewayErrors,
  incidentsOpened,
  lostSlots,
  minutesWith,
  probes,
  probesMade,
  probesPassed,
  recycles,
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
export const incidentsRepeated = 'farm:farmprobe_incidents_repeated:count'
export const blind = 'instance:farmprobe_blind:ratio'
export const overloaded = 'instance:farmprobe_overloaded:bool'

const errors = `sum by (job, instance, farm) (${growth(gatewayAnswers(',code=~"502|503|504"'), '1m')})`
const answers = `sum by (job, instance, farm) (${growth(gatewayAnswers(''), '1m')})`

/** Of every farmprobe on its own: two that watch a farm see one error twice. */
const quickSpike = `max by (farm) ((${errors} >= 3) / ${answers} >= 0.15)
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
const passedWithinMinute = `sum by (job, instance, farm, check) (${growth(probesPassed(`${onBalancer},`), '1m')})`

/** At least two probes within a minute, and all failed. */
const failingForMinute = `sum by (job, instance, farm, check) (${growth(probesMade(`{${onBalancer}}`), '1m')}) >= 2
and ${passedWithinMinute} == 0`

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
 * More than half of the probes: within 10 minutes, in at least 5 of which there were failures; of slow checks at least two,
 * within half an hour or two.
 */
const nodeShare = (window: Window, ...conditions: readonly string[]) => {
  const failed = sumOver(`${failures}{role="node"}`, window)
  return [`${failed} / ${sumOver(`${probes}{role="node"}`, window)} > 0.5`, ...conditions].join('\nand ')
}
const slowNodeShare = (window: Window) =>
  nodeShare(
    window,
    `${sumOver(`${failures}{role="node"}`, window)} >= 2`,
    `${sumOver(`${probes}{role="node"}`, window)} <= 15`,
  )

const recycledAt = `max by (farm, target) (${latest('farmprobe_last_recycle_timestamp_seconds{target!="balancer"}')})`
const lately = `(${recycledAt} > time() - 900)`

const lag = 'farmprobe_schedule_lag_seconds'
const starved = (which: string) => `${minutesWith(which, '5m')} >= 5`

export const quickFindings: readonly Recording[] = [
  { record: spike, labels: { pace: 'quick' }, expr: quickSpike },
  { record: farmDown, expr: farmDownNow },
]

export const findings: readonly Recording[] = [
  { record: spike, labels: { pace: 'slow' }, expr: slowSpike },
  {
    record: failingTwice,
    expr: `max by (farm, check) (\n${indent(anyOf((['2m', '5m', '10m', '30m', '130m'] as const).map(failingTwiceWithin)))}\n)`,
  },
  {
    record: nodeFailing,
    expr: `max by (farm, target) (
${indent(
  anyOf([
    nodeShare('10m', `${minutesWith(`${failures}{role="node"}`, '10m')} >= 5`),
    slowNodeShare('30m'),
    slowNodeShare('130m'),
  ]),
)}
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
  abs(${lately} - on (farm) group_left () quantile by (farm) (0.5, ${lately})) <= 10
)
> on (farm) clamp_min(0.3 * count by (farm) (${recycledAt}), 1)
unless on (farm) ${canaryWithin('5m')}
and on (farm) max by (farm) (max_over_time(farmprobe_in_maintenance[16m])) == 0`,
  },
  { record: incidentsRepeated, expr: `round(${sumOver(incidentsOpened, '1d')}) >= 3` },
  {
    record: blind,
    expr: `sum by (job, instance) (rate(farmprobe_suspect_samples_total[5m]))
  / sum by (job, instance) (rate(${lag}_count[5m])) > 0.05`,
  },
  {
    record: overloaded,
    expr: `sum_over_time(${lostSlots}[5m:1m])
  / sum by (job, instance) (${sumOver(probes, '5m')}) > 0.01
or
histogram_quantile(0.99, sum by (job, instance, le) (rate(${lag}_bucket[5m]))) > 0.25`,
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
