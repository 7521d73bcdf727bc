/** What is said of farms, their targets and nodes. */
import { causes, recycleEvidence, sides, verdicts } from '../model/event.ts'
import { codeClasses, lanes, phases, reasons } from '../model/outcome.ts'
import { origins } from '../origins/origin_of.ts'
import type { Row } from './metric_row.ts'
import { crosschecked, likelyCause, likelyOrigin, scheduledLane, withTls } from './zero_rules.ts'

/** Ways of discovery that can fail. */
const discoveryKinds = ['dns', 'file', 'iis'] as const

export type DiscoveryKind = (typeof discoveryKinds)[number]

const gatewayCodes = ['502', '503', '504'] as const

const latency = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120] as const

export const farmRows = [
  {
    name: 'farmprobe_probes_total',
    type: 'counter',
    help: 'Probes made, by lane and result (the reason why it failed, or ok).',
    of: 'subject',
    beyond: { lane: lanes, result: reasons },
    zero: scheduledLane,
  },
  {
    name: 'farmprobe_responses_total',
    type: 'counter',
    help: 'Answers received, by lane and class of status code, whether they met the expectations or not.',
    of: 'subject',
    beyond: { lane: lanes, code: codeClasses },
    zero: scheduledLane,
  },
  {
    name: 'farmprobe_up',
    type: 'gauge',
    help: '1 if the last probe of any lane was ok, 0 if it failed or none was made yet.',
    of: 'subject',
  },
  {
    name: 'farmprobe_status_code',
    type: 'gauge',
    help: 'Status code of the last probe of any lane, 0 if no answer came or none was made yet.',
    of: 'subject',
  },
  {
    name: 'farmprobe_first_byte_seconds',
    type: 'histogram',
    help: 'Time from request sent to first byte of the final status line; tick lane only.',
    of: 'subject',
    buckets: latency,
  },
  {
    name: 'farmprobe_duration_seconds',
    type: 'histogram',
    help: 'Time of the whole probe, failed ones included; tick lane only.',
    of: 'subject',
    buckets: latency,
  },
  {
    name: 'farmprobe_phase_seconds_total',
    type: 'counter',
    help: 'Time spent in each phase of probes; tick lane only.',
    of: 'subject',
    beyond: { phase: phases },
  },
  {
    name: 'farmprobe_gateway_errors_total',
    type: 'counter',
    help: 'Answers 502, 503 and 504 of every lane, by who generated them.',
    of: 'subject',
    beyond: { code: gatewayCodes, origin: origins },
    zero: likelyOrigin,
  },
  {
    name: 'farmprobe_served_by_total',
    type: 'counter',
    help: 'Answers of the balancer in every lane, by the node they came from; only where served_by is configured.',
    of: 'served',
    beyond: { code: codeClasses },
  },
  {
    name: 'farmprobe_recycles_total',
    type: 'counter',
    help: 'New worker processes seen behind a target, by the evidence for them.',
    of: 'target',
    bare: true,
    beyond: { evidence: recycleEvidence },
  },
  {
    name: 'farmprobe_last_recycle_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last recycle, 0 if none was seen.',
    of: 'target',
    bare: true,
  },
  {
    name: 'farmprobe_crosscheck_recycles_total',
    type: 'counter',
    help: 'Recycles by who saw them: farmprobe from outside, windows_exporter inside, or both; only where crosscheck is configured.',
    of: 'target',
    bare: true,
    beyond: { seen: sides },
    zero: crosschecked,
  },
  {
    name: 'farmprobe_crosscheck_up',
    type: 'gauge',
    help: '1 if windows_exporter on the node was read the last time, 0 if not or not yet; only where crosscheck is configured.',
    of: 'target',
    bare: true,
    zero: crosschecked,
  },
  {
    name: 'farmprobe_first_request_seconds',
    type: 'histogram',
    help: 'Time to first byte of the first request after a recycle.',
    of: 'subject',
    bare: true,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120],
  },
  {
    name: 'farmprobe_baseline_first_byte_seconds',
    type: 'gauge',
    help: 'Normal warm time to first byte, 0 until it is known.',
    of: 'subject',
    bare: true,
  },
  {
    name: 'farmprobe_outages_total',
    type: 'counter',
    help: 'Outages begun, by the reason of their first failure.',
    of: 'subject',
    beyond: { reason: reasons.filter((reason) => reason !== 'ok') },
  },
  {
    name: 'farmprobe_outage_seconds',
    type: 'histogram',
    help: 'Length of outages that are over, from first failure to first success.',
    of: 'target',
    buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400],
  },
  {
    name: 'farmprobe_balancer_errors_attributed_total',
    type: 'counter',
    help: 'Errors of the balancer by the node to blame (or balancer, or unknown) and the cause.',
    of: 'blamed',
    beyond: { cause: causes },
    zero: likelyCause,
  },
  {
    name: 'farmprobe_verdict',
    type: 'gauge',
    help: '1 for the present verdict on the farm, 0 for the others.',
    of: 'check',
    beyond: { verdict: verdicts },
  },
  {
    name: 'farmprobe_verdict_seconds_total',
    type: 'counter',
    help: 'Time spent in each verdict.',
    of: 'check',
    beyond: { verdict: verdicts },
  },
  {
    name: 'farmprobe_in_maintenance',
    type: 'gauge',
    help: '1 while the farm is in a maintenance window.',
    of: 'farm',
  },
  {
    name: 'farmprobe_deploys_total',
    type: 'counter',
    help: 'Deploys seen: several nodes of the farm recycled in turn.',
    of: 'farm',
  },
  {
    name: 'farmprobe_discovery_failures_total',
    type: 'counter',
    help: 'Refreshes of the list of nodes that failed, so that the last good list stayed in use.',
    of: 'farm',
    beyond: { kind: discoveryKinds },
  },
  {
    name: 'farmprobe_tls_not_after_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the first of the certificates presented expires, 0 until one was seen.',
    of: 'target',
    zero: withTls,
  },
  {
    name: 'farmprobe_missed_slots_total',
    type: 'counter',
    help: 'Slots without a probe: too many in flight, or the prober was stopped or late.',
    of: 'subject',
  },
] as const satisfies readonly Row[]
