/** process_* and nodejs_*: the client library's own metrics of this process, read as data. */
import { collectDefaultMetrics, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'
import { canonical } from './record_layout.ts'
import type { Family } from './write_exposition.ts'

/** How often the delay of the event loop and its load are looked at: each look wakes the process, and may take more than a probe. */
const lookEveryMs = 100
const loadEveryMs = 1000
/** The library gives these as the time from one look to the next; the delay is what that is longer than it should be. */
const isDelay = /^nodejs_eventloop_lag_(?:min|max|mean|p\d+)_seconds$/

/**
 * Starts to watch this process; the result reads the metrics. They are read as data, not as text, because the
 * library's registry, once rendered as OpenMetrics, names its counters wrongly in the other format ever after.
 */
export function createProcessMetrics(): () => Promise<Family[]> {
  const registry = new Registry()
  const looks = { eventLoopMonitoringPrecision: lookEveryMs, eventLoopUtilizationTimeout: loadEveryMs }
  collectDefaultMetrics({ register: registry, ...looks })
  return async () => (await registry.getMetricsAsJSON()).map(familyOf)
}

function familyOf(metric: MetricObjectWithValues<MetricValue<string>>): Family {
  const { name, help, type } = metric
  const samples = metric.values.map((each) => ({
    name: 'metricName' in each && typeof each.metricName === 'string' ? each.metricName : name,
    labels: labelsOf(each.labels),
    value: isDelay.test(name) ? Math.max(0, each.value - lookEveryMs / 1000) : each.value,
  }))
  return { name, help, type, samples }
}

/** The library leaves the labels out where there are none, although its declarations do not say so. */
const labelsOf = (labels: Partial<Record<string, string | number>> | undefined) =>
  Object.entries(labels ?? {}).map(([name, value]) => [name, labelValue(value)] as const)

const labelValue = (value: string | number | undefined) =>
  typeof value === 'number' ? canonical(value) : (value ?? '')
