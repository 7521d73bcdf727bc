/** Prometheus and Alertmanager on the files that ship, but for the addresses and the receivers. */
import { parse, stringify } from 'yaml'
import { eventually } from '../eventually.ts'
import { pathOf, textOf } from '../rules/rule_files.ts'
import { freePort } from '../servers/loopback_port.ts'
import { tempDir } from '../temp_dir.ts'
import { binaryPath } from './real_binaries.ts'
import { startProcess } from './real_process.ts'

interface Server extends AsyncDisposable {
  /** `host:port` */
  readonly address: string
}

/** What Prometheus's HTTP API answers to a GET of this path, with its parameters. */
export async function askPrometheus<T>(prometheus: Server, path: string, asked = {}): Promise<T> {
  const response = await fetch(
    `http://${prometheus.address}/api/v1/${path}?${new URLSearchParams(asked).toString()}`,
  )
  const { data } = (await response.json()) as { data: T }
  return data
}

/** The labels of what an instant query finds. */
export async function found(prometheus: Server, query: string): Promise<Record<string, string>[]> {
  const { result } = await askPrometheus<{ result: { metric: Record<string, string> }[] }>(
    prometheus,
    'query',
    {
      query,
    },
  )
  return result.map(({ metric }) => metric)
}

/** Starts Alertmanager; every receiver sends to the webhook. */
export async function startShippedAlertmanager(webhookUrl: string): Promise<Server> {
  const config = parse(textOf('dashboards/alertmanager/alertmanager.yaml')) as {
    receivers: { name: string }[]
  }
  const webhook_configs = [{ url: webhookUrl }]
  const receivers = config.receivers.map(({ name }) => ({ name, webhook_configs }))
  return startServer('prometheus-alertmanager', stringify({ ...config, receivers }), (dir) => [
    `--storage.path=${dir}/data`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ])
}

/** Starts Prometheus on prometheus.yaml, which scrapes localhost:9502 every 5 s and tells localhost:9093 unless told otherwise. */
export async function startShippedPrometheus(
  farmprobe: string,
  alertmanager = 'localhost:9093',
  scrapeInterval = '5s',
): Promise<Server> {
  const config = textOf('dashboards/prometheus/prometheus.yaml')
    .replace('localhost:9502', farmprobe)
    .replace('localhost:9093', alertmanager)
    .replace('scrape_interval: 5s', `scrape_interval: ${scrapeInterval}`)
    .replaceAll(/- (\w+\.yaml)$/gm, (_, name: string) => `- ${pathOf(`dashboards/prometheus/${name}`)}`)
  return startServer('prometheus', config, (dir) => [`--storage.tsdb.path=${dir}/data`, '--log.level=warn'])
}

async function startServer(
  name: string,
  config: string,
  further: (dir: string) => readonly string[],
): Promise<Server> {
  const dir = await tempDir()
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const file = await dir.write('config.yaml', config)
  const args = [`--config.file=${file}`, `--web.listen-address=${address}`, ...further(dir.path)]
  const process = await startProcess({ command: binaryPath(name) ?? name, args, port })
  await eventually(
    `${name} being ready`,
    () => fetch(`http://${address}/-/ready`),
    ({ ok }) => ok,
  )
  return {
    address,
    async [Symbol.asyncDispose]() {
      await process.stop()
      await dir[Symbol.asyncDispose]()
    },
  }
}
