import { formatProblem } from '../config/yaml/problem.ts'
import type { DiscoveryOptions } from '../discovery/discovery.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Log } from '../runtime/log.ts'

/** Reports what discovery meets in the log and in the metrics. */
export const discoveryReports = (
  log: Log,
  metrics: Metrics,
): Pick<DiscoveryOptions, 'onProblem' | 'onMended' | 'onFailure'> => ({
  onProblem: (problem, farm) => log.warn({ self: 'discovery', farm }, `discovery: ${formatProblem(problem)}`),
  onMended: (farm, kind) => log.info({ self: 'discovery', farm }, `discovery: ${farm}: ${kind} works again`),
  onFailure: (farm, kind) => metrics.add('farmprobe_discovery_failures_total', { farm, kind }),
})
