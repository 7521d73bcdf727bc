/** docs/metrics.md, written from the table. */

import { labelNames, type Row, type Traits } from '../../src/metrics/metric_row.ts'
import { table } from '../../src/metrics/metric_table.ts'
import { zeroCost } from '../../src/metrics/record_layout.ts'
import { queries } from './example_queries.ts'

/** The reference of all metrics as Markdown. */
export function metricsReference(): string {
  const sections = [
    introduction,
    `## Metrics\n\n${table.map(metricSection).join('\n')}`,
    processSection,
    `## What a farm costs\n\n${costSection()}`,
    `## Queries\n\n${queries.map(querySection).join('\n')}`,
  ]
  return `${sections.join('\n\n').trimEnd()}\n`
}

const introduction = `# Metrics

<!-- Generated from src/metrics/metric_table.ts by tools/generate.ts: change that, not this. -->

\`GET /metrics\` shows them as Prometheus text 0.0.4 or as OpenMetrics 1.0, whichever the scraper's \`Accept\` header prefers,
compressed with zstd or gzip where it asks for that. Both formats name the same series: label values that are numbers (\`le\`,
\`quantile\`) are written alike, with a fraction (\`le="1.0"\`), as Prometheus 3 writes them itself.

\`farmprobe run --metrics.native-histograms\` offers [native histograms](https://prometheus.io/docs/specs/native_histograms/) as well, each of them one series
with buckets 9 % apart, to a Prometheus that asks for its protobuf format: with \`scrape_native_histograms: true\` from 3.8 on,
before with \`--enable-feature=native-histograms\`. The rules and dashboards here read the classic buckets: have them kept with
\`always_scrape_classic_histograms: true\` (\`scrape_classic_histograms\` before 3.0). Without the flag nothing changes.

- The balancer's \`target\` is \`balancer\`. Durations are in seconds, times are Unix times.
- \`role\` is \`balancer\`, \`node\` or, where \`affinity\` is configured, \`through\`: a node asked for through the balancer. Its
  \`target\` is the name of the node, so queries about nodes are to name \`role="node"\`. It has the first three metrics, times to first byte,
  gateway errors and \`farmprobe_affinity_not_honoured_total\`.
- Series exist at zero before the first probe, and leave with their farm, target, node or check; a reload that keeps them keeps
  their values. So \`increase()\` sees the first 502, not only the second. Some begin with their first event, as they are many: reasons
  other than \`ok\` and \`internal\` (and \`auth\`, for checks with credentials), gateway errors by origin, incidents by culprit, lengths
  of outages and stalls. Of those that were not there before, what they are is their increase: see the second query below.
- A target costs 80 series and 8 KB for each check at most, of farms of ten targets; \`farmprobe check\` says how many there are.
- \`lane\` says why a probe ran. At zero there are the series of the lane that a check is scheduled in: \`tick\`, or \`canary\` for
  a canary check. \`burst\` and \`sweep\` appear when they first run: they are made when something is slow or fails,
  so ratios and quantiles are to be made of \`lane="tick"\`. Histograms and phases hold nothing else.
- A gauge that measures (a baseline, an expiry, a time) is 0 until it has something to say: guard alerts with \`> 0\`.`

function metricSection(row: Row): string {
  const labels = labelNames(row).map((name) => labelText(row, name))
  const lines = [
    `### \`${row.name}\``,
    '',
    row.help,
    '',
    `- type: ${row.type}`,
    `- labels: ${labels.length === 0 ? 'none' : labels.join(' · ')}`,
  ]
  if (row.buckets) lines.push(`- buckets: ${row.buckets.join(', ')} seconds`)
  return `${lines.join('\n')}\n`
}

function labelText(row: Row, name: string): string {
  const values = row.beyond?.[name]
  return values === undefined ? `\`${name}\`` : `\`${name}\` (${values.join(', ')})`
}

const processSection = `## This process

\`process_*\` and \`nodejs_*\` are the default metrics of the Prometheus client library for Node.js: CPU, memory, file
descriptors, event loop, heap, garbage collection. \`promtool check metrics\` objects to a few of their names
(\`nodejs_active_handles_total\` and its siblings are gauges); they are the library's, dashboards rely on them, so they
stay. It has nothing to say about ours. \`nodejs_eventloop_lag_*\` is how late the event loop of the main thread was
at looks 100 ms apart: 0 at rest, where the library gives the time between two looks.
\`nodejs_eventloop_utilization*\` is that of whole seconds.`

/** Parts of a farm, with the traits that decide what they cost. */
const parts: readonly (readonly [what: string, scope: Row['of'], traits: Traits])[] = [
  ['each farm', 'farm', {}],
  ['each check of a farm', 'check', {}],
  ['the balancer', 'target', { role: 'balancer', tls: true }],
  ['each node', 'target', { role: 'node', tls: true }],
  ['each node with `crosscheck`', 'target', { role: 'node', tls: true, crosschecked: true }],
  ['each check on the balancer', 'subject', { role: 'balancer', lane: 'tick' }],
  ['each check on each node', 'subject', { role: 'node', lane: 'tick' }],
  ['errors blamed on the balancer itself', 'blamed', { blamed: 'balancer' }],
  ['errors blamed on nobody', 'blamed', { blamed: 'unknown' }],
  ['errors blamed on each node', 'blamed', { blamed: 'node' }],
  [
    'with `affinity`: each check on each node through the balancer',
    'subject',
    { role: 'through', lane: 'tick' },
  ],
  ['with `served_by`: each check on the balancer, for each node and two more', 'served', {}],
]

function costSection(): string {
  const rows = parts.map(([what, scope, traits]) => `| ${what} | ${zeroCost(scope, traits)} |`)
  return `\`farmprobe check\` prints the sum for a configuration and warns above 50,000. Series at zero compress to almost
nothing, in transit and in Prometheus's storage, yet each takes memory there.

| for | series |
|---|---|
${rows.join('\n')}`
}

const querySection = ({ question, query }: (typeof queries)[number]) =>
  `${question}\n\n\`\`\`promql\n${query}\n\`\`\`\n`
