/** What is recorded, so that windows of hours and days are cheap to query. */
import type { Recording } from './alert.ts'
import { balancerFailures, balancerProbes, unlessMaintained } from './alert_expressions.ts'

export const probesRate = 'farm:farmprobe_balancer_probes:rate5m'
export const failuresRate = 'farm:farmprobe_balancer_failures:rate5m'

/** With gaps during maintenance: planned work uses no error budget, however far back a window reaches. */
const outsideMaintenance = (counter: string) =>
  `sum by (farm) (rate(${counter}[5m]))\n${unlessMaintained('6m')}`

export const recordings: readonly Recording[] = [
  { record: probesRate, expr: outsideMaintenance(balancerProbes) },
  { record: failuresRate, expr: outsideMaintenance(balancerFailures) },
]
