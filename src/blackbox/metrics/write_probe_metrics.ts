import type { Findings } from './findings.ts'
import { metricTable, type Sample } from './probe_metrics.ts'

export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** What one probe found, in Prometheus's text format. */
export function exposition(findings: Findings): string {
  return metricTable
    .map(({ name, help, samples }) => {
      const lines = samples(findings).map((sample) => `${name}${labelText(sample)} ${sample.value}\n`)
      return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
    })
    .join('')
}

function labelText({ labels }: Sample): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
