import { stringify } from 'yaml'
import { eventually } from '../eventually.ts'
import { freePort } from '../servers/loopback_port.ts'
import { tempDir } from '../temp_dir.ts'
import { binaryPath } from './real_binaries.ts'
import { startProcess } from './real_process.ts'

interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface RealPrometheus extends AsyncDisposable {
  /** Where its HTTP API is, such as `http://127.0.0.1:9090`. */
  readonly url: string
  /** Answers an instant query of PromQL. */
  query(expression: string): Promise<PrometheusSample[]>
}

/**
 * Starts Prometheus, which scrapes each target (`host:port`) under its job name, once a second; `more` are further keys
 * of every job, `flags` of Prometheus itself.
 */
export async function startPrometheus(
  jobs: Readonly<Record<string, string>>,
  more: object = {},
  ...flags: string[]
): Promise<RealPrometheus> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const port = await freePort()
  const config = await dir.write('prometheus.yml', prometheusConfig(jobs, more))
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${dir.path}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
    ...flags,
  ]
  owned.use(await startProcess({ command: binaryPath('prometheus') ?? 'prometheus', args, port }))
  const url = `http://127.0.0.1:${port}`
  await eventually(
    'Prometheus being ready',
    () => fetch(`${url}/-/ready`),
    (response) => response.ok,
  )
  const kept = owned.move()
  return {
    url,
    query: (expression) => instantQuery(url, expression),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const prometheusConfig = (jobs: Readonly<Record<string, string>>, more: object) =>
  stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: Object.entries(jobs).map(([job_name, target]) => ({
      job_name,
      static_configs: [{ targets: [target] }],
      ...more,
    })),
  })

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: { metric: Record<string, string>; value: [number, string] }[] }
}

async function instantQuery(url: string, expression: string): Promise<PrometheusSample[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)
  const answer = (await response.json()) as Answer
  if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`)
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
}
