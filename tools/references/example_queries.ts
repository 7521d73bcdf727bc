/** Questions that operators ask, and the PromQL that answers them. */
export const queries: readonly { readonly question: string; readonly query: string }[] = [
  {
    question: 'Which share of the balancer’s answers were 502, by farm?',
    query: `sum by (farm) (rate(farmprobe_responses_total{role="balancer", lane="tick", code="502"}[5m]))
  / sum by (farm) (rate(farmprobe_responses_total{role="balancer", lane="tick"}[5m]))`,
  },
  {
    question: 'How many 502, 503 and 504 were there in the last hour, and who generated them?',
    query: `sum by (farm, code, origin) (
  farmprobe_gateway_errors_total{role="balancer"} unless farmprobe_gateway_errors_total{role="balancer"} offset 1h
  or increase(farmprobe_gateway_errors_total{role="balancer"}[1h])
) > 0`,
  },
  {
    question: 'Who is to blame for the balancer’s errors of the last day, and why?',
    query: 'sum by (farm, node, cause) (increase(farmprobe_balancer_errors_attributed_total[1d])) > 0',
  },
  {
    question: 'How long was each farm in which state in the last day, in seconds?',
    query: 'sum by (farm, verdict) (increase(farmprobe_verdict_seconds_total[1d]))',
  },
  {
    question: 'Which farms are not ok now?',
    query: 'farmprobe_verdict{verdict!="ok"} == 1',
  },
  {
    question: 'Which share of probes failed, by target and reason?',
    query: `sum by (farm, role, target, result) (rate(farmprobe_probes_total{lane="tick", result!="ok"}[5m]))
  / on (farm, role, target) group_left sum by (farm, role, target) (rate(farmprobe_duration_seconds_count[5m]))
  > 0`,
  },
  {
    question: 'How long do users wait for the first byte at the 99th percentile?',
    query: `histogram_quantile(0.99, sum by (farm, le) (rate(farmprobe_first_byte_seconds_bucket{role="balancer"}[10m])))`,
  },
  {
    question: 'How slow was the first request after a recycle, in the worst tenth of the last week?',
    query: `histogram_quantile(0.9, sum by (farm, target, le) (increase(farmprobe_first_request_seconds_bucket[7d])))`,
  },
  {
    question: 'How often did each node recycle in the last day, and how was that seen?',
    query: 'sum by (farm, target, evidence) (increase(farmprobe_recycles_total[1d])) > 0',
  },
  {
    question: 'Which recycles of the last week did only one side see?',
    query:
      'sum by (farm, target, seen) (increase(farmprobe_crosscheck_recycles_total{seen!="both"}[7d])) > 0',
  },
  {
    question: 'How much slower than normal is each node?',
    query: `sum by (farm, target, check) (rate(farmprobe_first_byte_seconds_sum{role="node"}[5m]))
  / sum by (farm, target, check) (rate(farmprobe_first_byte_seconds_count{role="node"}[5m]))
  / on (farm, target, check) (farmprobe_baseline_first_byte_seconds > 0)`,
  },
  {
    question: 'Which nodes fail through the balancer, and answer by themselves?',
    query: `sum by (farm, target) (rate(farmprobe_probes_total{role="through", lane="tick", result!="ok"}[5m])) > 0
  and on (farm, target) min by (farm, target) (farmprobe_up{role="node"}) == 1`,
  },
  {
    question: 'Does the balancer spread its answers evenly?',
    query: 'sum by (farm, node) (rate(farmprobe_served_by_total[15m]))',
  },
  {
    question: 'In which phase is the time spent?',
    query: `sum by (farm, target, phase) (rate(farmprobe_phase_seconds_total[5m]))
  / on (farm, target) group_left sum by (farm, target) (rate(farmprobe_duration_seconds_count[5m]))`,
  },
  {
    question: 'Which certificates expire within three weeks, in days?',
    query: '((farmprobe_tls_not_after_timestamp_seconds > 0) - time()) / 86400 < 21',
  },
  {
    question: 'Does farmprobe itself keep up?',
    query: `sum by (farm) (rate(farmprobe_missed_slots_total[5m])) > 0
  or on () (histogram_quantile(0.99, sum by (le) (rate(farmprobe_schedule_lag_seconds_bucket[5m]))) > 0.05)
  or on () (rate(farmprobe_suspect_samples_total[5m]) > 0)`,
  },
]
