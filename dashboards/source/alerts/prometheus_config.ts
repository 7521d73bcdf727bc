/** The configuration of Prometheus, beside a local farmprobe and in compose.yaml. */
import { scrapeInterval } from '../grafana_names.ts'
import { yamlFile } from './yaml_file.ts'

interface Hosts {
  readonly farmprobe: string
  readonly alertmanager: string
}

/** Everything on this machine: `npm start`, and what is started beside it. */
const onThisMachine: Hosts = { farmprobe: 'localhost:9502', alertmanager: 'localhost:9093' }

/** The names of the services in compose.yaml. */
const inTheStack: Hosts = { farmprobe: 'farmprobe:9502', alertmanager: 'alertmanager:9093' }

export const localPrometheus = (): string =>
  yamlFile(
    'Prometheus beside a farmprobe on this machine: npx farmprobe demo, or run.',
    config(onThisMachine),
  )

export const stackPrometheus = (): string => yamlFile('Prometheus in compose.yaml.', config(inTheStack))

const config = ({ farmprobe, alertmanager }: Hosts) => ({
  global: { scrape_interval: scrapeInterval, scrape_timeout: '4s', evaluation_interval: '5s' },
  rule_files: ['rules.yaml', 'alerts.yaml'],
  alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
  scrape_configs: [{ job_name: 'farmprobe', static_configs: [{ targets: [farmprobe] }] }],
})
