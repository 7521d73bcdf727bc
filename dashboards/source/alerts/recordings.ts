/** What is computed all the time, so that windows of hours and days are cheap to look at. */
import type { Recording } from './alert.ts'
import { balancerFailures, balancerProbes, unlessMaintained } from './promql.ts'

export const probesRate = 'farm:farmprobe_balancer_probes:rate5m'
export const failuresRate = 'farm:farmprobe_balancer_failures:rate5m'

/** Gaps where there was maintenance: planned work burns no error budget, however far back a window reaches. */
const outsideMaintenance = (counter: string) =>
  `sum by (farm) (rate(${counter}[5m]))\n${unlessMaintained('6m')}`

export const recordings: readonly Recording[] = [
  { record: probesRate, expr: outsideMaintenance(balancerProbes) },
  { record: failuresRate, expr: outsideMaintenance(balancerFailures) },
]
