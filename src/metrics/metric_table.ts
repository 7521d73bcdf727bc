/**
 * The one table of metrics: types, owners, help, labels and buckets. Exposition, documentation and cost follow from it,
 * in its order; those of farmprobe itself are in `own_metrics.ts`. A new metric is a row here, and a call of `add` or `set` (metrics.ts) where it happens.
 */
import { recycleEvidence, verdicts } from '../model/event.ts'
import { causes, impacts } from '../model/incident.ts'
import { codeClasses, lanes, phases, reasons } from '../model/outcome.ts'
import { origins } from '../origins/origin_of.ts'
import { crosscheckRows } from './crosscheck_rows.ts'
import { counter, gauge, histogram, type LabelsOf, type Row } from './metric_row.ts'
import { ownMetrics } from './own_metrics.ts'
import {
  likelyCause,
  linked,
  never,
  ofNode,
  ofThrough,
  scheduledLane,
  startingResult,
  withHandshake,
  withTls,
} from './zero_rules.ts'

const latency = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120] as const

const rows = {
  farmprobe_probes_total: counter(
    'subject',
    'Probes made, by lane and result (the reason why it failed, or ok).',
    { through: true, beyond: { lane: lanes, result: reasons }, zero: startingResult },
  ),
  farmprobe_responses_total: counter(
    'subject',
    'Answers received, by lane and class of status code, whether they met the expectations or not.',
    { through: true, beyond: { lane: lanes, code: codeClasses }, zero: scheduledLane },
  ),
  farmprobe_up: gauge(
    'subject',
    '1 if the last probe of any lane was ok, 0 if it failed or none was made yet.',
    { through: true },
  ),
  farmprobe_status_code: gauge(
    'subject',
    'Status code of the last probe of any lane, 0 if no answer came or none was made yet.',
  ),
  farmprobe_first_byte_seconds: histogram(
    'subject',
    'Time from request sent to first byte of the final status line; tick lane only.',
    { through: true, buckets: latency },
  ),
  farmprobe_duration_seconds: histogram(
    'subject',
    'Time of the whole probe, failed ones included; tick lane only.',
    { buckets: [0.1, 1, 10] },
  ),
  farmprobe_phase_seconds_total: counter('subject', 'Time spent in each phase of probes; tick lane only.', {
    beyond: { phase: [...phases, 'auth'] },
    zero: withHandshake,
  }),
  farmprobe_gateway_errors_total: counter(
    'subject',
    'Answers 502, 503 and 504 of every lane, by who generated them.',
    { through: true, beyond: { code: ['502', '503', '504'], origin: origins }, zero: never },
  ),
  farmprobe_affinity_not_honoured_total: counter(
    'subject',
    'Answers to probes through the balancer that came from another node than the one whose cookie was sent; only of role `through`.',
    { through: true, zero: ofThrough },
  ),
  farmprobe_link_failures_total: counter(
    'target',
    'Times at which the balancer did not reach a node that answered by itself; only where affinity is configured.',
    { bare: true, zero: linked },
  ),
  farmprobe_served_by_total: counter(
    'served',
    'Answers of the balancer in every lane, by the node they came from; only where served_by is configured.',
    { beyond: { code: codeClasses } },
  ),
  farmprobe_recycles_total: counter(
    'target',
    'New worker processes seen behind a target, by the evidence for them.',
    { bare: true, beyond: { evidence: recycleEvidence } },
  ),
  farmprobe_last_recycle_timestamp_seconds: gauge(
    'target',
    'Unix time of the last recycle, 0 if none was seen.',
    { bare: true },
  ),
  ...crosscheckRows,
  farmprobe_stalls_total: counter('target', 'Stalls of a node of 500 ms or more, whatever caused them.', {
    bare: true,
    zero: ofNode,
  }),
  farmprobe_stall_seconds: histogram('target', 'For how long a node answered nobody.', {
    bare: true,
    zero: never,
    buckets: [0.5, 1, 2, 5, 10, 20, 30, 60, 120],
  }),
  farmprobe_first_request_seconds: histogram(
    'subject',
    'Time to first byte of the first request after a recycle.',
    { bare: true, buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120] },
  ),
  farmprobe_first_requests_unseen_total: counter(
    'subject',
    'Recycles whose first request somebody else made; they are not in `farmprobe_first_request_seconds`.',
    { bare: true },
  ),
  farmprobe_baseline_first_byte_seconds: gauge(
    'subject',
    'Normal warm time to first byte, 0 until it is known.',
    { bare: true },
  ),
  farmprobe_outages_total: counter('subject', 'Outages begun.'),
  farmprobe_outage_seconds: histogram(
    'target',
    'Length of outages that have ended, from first failure to first success.',
    { zero: never, buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400] },
  ),
  farmprobe_balancer_errors_attributed_total: counter(
    'blamed',
    'Errors of the balancer, by the node they are attributed to (or balancer, or unknown) and the cause.',
    { beyond: { cause: causes }, zero: likelyCause },
  ),
  farmprobe_incidents_opened_total: counter(
    'impact',
    'Incidents by impact, counted as soon as that is settled: those that users feel at once, hidden ones when they close, because they may reach users until then.',
  ),
  farmprobe_incidents_total: counter(
    'blamed',
    'Incidents that are over, by impact, culprit (a node, balancer, several or unknown) and cause.',
    { beyond: { impact: impacts, cause: causes }, zero: never },
  ),
  farmprobe_incident_open: gauge('impact', '1 while an incident goes on.'),
  farmprobe_incident_seconds: histogram('impact', 'Length of incidents, from first to last sign.', {
    buckets: [1, 5, 15, 30, 60, 300, 900, 3600],
  }),
  farmprobe_verdict: gauge('check', '1 for the present verdict on the farm, 0 for the others.', {
    beyond: { verdict: verdicts },
  }),
  farmprobe_verdict_seconds_total: counter('check', 'Time spent in each verdict.', {
    beyond: { verdict: verdicts },
  }),
  farmprobe_in_maintenance: gauge('farm', '1 while the farm is in a maintenance window.'),
  farmprobe_quarantines_total: counter('farm', 'Targets set apart, as their answers blocked a prober.'),
  farmprobe_deploys_total: counter('farm', 'Deploys seen: several nodes of the farm recycled in turn.'),
  farmprobe_discovery_failures_total: counter(
    'farm',
    'Failed refreshes of the list of nodes; the last good list stays in use.',
    { beyond: { kind: ['dns', 'file', 'iis'] } },
  ),
  farmprobe_tls_not_after_timestamp_seconds: gauge(
    'target',
    'Unix time at which the first certificate of the chain in use expires, 0 until one was seen.',
    { zero: withTls },
  ),
  farmprobe_missed_slots_total: counter(
    'subject',
    'Slots without a probe: too many in flight, or the prober was late or restarted.',
  ),
  ...ownMetrics,
} satisfies Record<string, Omit<Row, 'name'>>

export type MetricName = keyof typeof rows

export const table: readonly (Row & { readonly name: MetricName })[] = Object.entries(rows).map(
  ([name, each]) => ({ name: name as MetricName, ...each }),
)

export type Labels<Name extends MetricName> = LabelsOf<(typeof rows)[Name]>
