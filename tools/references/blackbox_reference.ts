/** The page for users of blackbox_exporter, as Markdown. */

import { metricTable } from '../../src/blackbox/metrics/probe_metrics.ts'
import { moduleKeys } from '../../src/blackbox/module/module_keys.ts'
import { keySections } from './configuration_reference.ts'

/** A way in which our answers differ from the exporter's. */
export interface DifferenceRow {
  readonly what: string
  readonly theirs: string
  readonly ours: string
  readonly why: string
}

const introduction = `# Coming from blackbox_exporter

*Generated from the code by \`tools/generate.ts\`; do not edit.*

\`/probe?target=&module=&hostname=&debug=\` is blackbox_exporter's: the same parameters, module files, metrics, time-out rules and
debug text, for HTTP. Scrape configurations, dashboards and alerts work when the address is changed. It stands beside the scheduled
probes, which see more (\`/metrics\`); it is for single targets, and for what you have already.

## How to move over

1. Point farmprobe at your module file, and list what it may probe besides the hosts of its farms:

   \`\`\`yaml
   blackbox:
     modules: blackbox.yml
     allow: ["*.example.org", "10.0.0.5:8080", "https://intranet.example.org/app/"]
   \`\`\`

2. \`farmprobe check\` prints every problem of the module file with its line, and which modules are not served, and why.
3. In the scrape configuration, change the address:

   \`\`\`yaml
   scrape_configs:
     - job_name: blackbox
       metrics_path: /probe
       params: { module: [http_2xx] }
       static_configs: [{ targets: ["https://intranet.example.org/"] }]
       relabel_configs:
         - { source_labels: [__address__], target_label: __param_target }
         - { source_labels: [__param_target], target_label: instance }
         - { target_label: __address__, replacement: "localhost:9502" } # was localhost:9115
   \`\`\`

4. \`&debug=true\` shows what happened in one probe, its metrics and its module, secrets hidden.

The module file is watched, and read again with the configuration (\`SIGHUP\`); a bad one changes nothing. Without \`modules\` there is
one module, \`http_2xx\`, with everything as the exporter has it by default. Modules of other probers (tcp, dns, icmp, grpc) may
stand in the file; asked for, they are answered 400 with the reason.

## What may be probed

An exporter that probes whatever it is asked for is a way into the network behind it. Here a target must be the host of a farm (its
\`url\`, \`address\` and nodes, discovered ones too, on the ports used there and on 80 and 443), or be matched by \`allow\`; else the answer
is 403. That holds for redirects as well. A name is looked up once, and the address that was checked is the one connected to. Addresses
where clouds serve credentials, such as 169.254.169.254, are probed only when \`allow\` or a farm gives that very address;
[configuration.md](configuration.md) lists them. Clients can choose the target within these bounds, and the Host by
\`hostname\`; protect the port by \`web.config_file\` or the network.

Probes on demand run on a thread of their own, so that they disturb neither the schedule nor the pages: at most \`max_in_flight\` at once,
one more is answered 503; \`farmprobe_on_demand_requests_total\` counts them. At most two names are looked up at once, since all
threads share the system's resolver. A probe that has not ended 10 s after its time limit is ended with its thread; those that
run beside it are answered 503.

Expressions have RE2's syntax and take linear time. Names of files start at the module file. The probe's time limit is the module's
\`timeout\` or what the header X-Prometheus-Scrape-Timeout-Seconds leaves after \`timeout_offset\`, whichever is shorter; 119.5 s at most.

Not there: \`/logs\` and the list of past probes, the probers but HTTP, HTTP/3, proxies, OAuth 2. Alerts on
\`blackbox_exporter_config_last_reload_successful\` become alerts on \`farmprobe_config_last_reload_successful\`.
`

/** The page; `differences` are held by the tests. */
export function blackboxReference(differences: readonly DifferenceRow[]): string {
  return [
    introduction,
    metrics(),
    differenceTable(differences),
    ...keySections('modules.<name>', moduleKeys.keys),
  ].join('\n')
}

function metrics(): string {
  const rows = metricTable.map(
    ({ name, labels, present, help }) =>
      `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(' ')} | ${present} | ${help} |`,
  )
  return [
    '## Metrics',
    '',
    'All are gauges.',
    '',
    '| name | labels | there | help |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function differenceTable(differences: readonly DifferenceRow[]): string {
  const rows = differences.map(({ what, theirs, ours, why }) => `| ${what} | ${theirs} | ${ours} | ${why} |`)
  return [
    '## Differences',
    '',
    'A test asks the real exporter (0.23) and farmprobe the same, of every kind of server, and compares each series; another gives',
    'both the same module files. These differ:',
    '',
    '| | blackbox_exporter | farmprobe | why |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
