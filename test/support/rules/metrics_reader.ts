import { createMetrics, type Metrics } from '../../../src/metrics/metrics.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { parseExposition, type Sample, select } from './exposition.ts'

export interface MetricsReader {
  readonly metrics: Metrics
  text(accept?: string): Promise<string>
  samples(): Promise<Sample[]>
  /** The value of the one series that the labels name; undefined when there is none. */
  value(name: string, labels?: Record<string, string>): Promise<number | undefined>
}

/** Fresh metrics at a fixed wall time, and the means to read them as a scraper does. */
export function metricsReader(): MetricsReader {
  const clock = { ...systemClock, wallMs: () => 1_700_000_000_000 }
  const metrics = createMetrics({ clock, version: '1.2.3' })
  const text = async (accept?: string) => (await Array.fromAsync(metrics.render(accept).chunks)).join('')
  const samples = async () => parseExposition(await text())
  return {
    metrics,
    text,
    samples,
    async value(name, labels = {}) {
      const found = select(await samples(), name, labels)
      if (found.length > 1) throw new Error(`${found.length} series match ${name}`)
      return found[0]?.value
    },
  }
}
