/** The real Prometheus scraping the real blackbox_exporter, every 5 s and every 15 s. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Farm, targetsOf } from '../../../src/model/farm.ts'
import { freePort } from '../../../test/support/servers/loopback_port.ts'
import { start, stop, untilAnswering } from '../../processes.ts'

const prometheusProgram = 'prometheus'
const blackboxProgram = 'prometheus-blackbox-exporter'

/** The scrape intervals, in seconds. */
export const intervals = [5, 15] as const

/** One scrape of one target. */
export interface Sample {
  readonly atMs: number
  readonly success: boolean
  readonly durationMs: number
  readonly status: number
}

export interface RunningBlackbox extends AsyncDisposable {
  /** What has been scraped, by farm and target, the oldest first. */
  samples(intervalS: number): Promise<Map<string, Sample[]>>
}

/** Programs that are not installed. */
export const missingPrograms = (): string[] =>
  [prometheusProgram, blackboxProgram].filter(
    (program) => spawnSync(program, ['--version']).error !== undefined,
  )

/** The key of a target in the samples. */
export const keyOf = (farm: string, target: string): string => `${farm} ${target}`

const modules = 'modules: { http_2xx: { prober: http, http: { preferred_ip_protocol: ip4 } } }\n'

export async function startBlackbox(farms: readonly Farm[]): Promise<RunningBlackbox> {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-truth-'))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const exporter = `127.0.0.1:${await freePort()}`
  const server = `127.0.0.1:${await freePort()}`
  const blackbox = start(blackboxProgram, [
    `--config.file=${write('blackbox.yml', modules)}`,
    `--web.listen-address=${exporter}`,
    '--log.level=error',
  ])
  const prometheus = start(prometheusProgram, [
    `--config.file=${write('prometheus.yml', configuration(farms, exporter))}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${server}`,
    '--log.level=error',
  ])
  await untilAnswering(blackbox, `http://${exporter}/-/healthy`)
  await untilAnswering(prometheus, `http://${server}/-/ready`)
  return {
    samples: (intervalS) => samplesOf(server, intervalS),
    async [Symbol.asyncDispose]() {
      await stop(prometheus)
      await stop(blackbox)
      rmSync(folder, { recursive: true })
    },
  }
}

/** JSON is YAML. */
function configuration(farms: readonly Farm[], exporter: string): string {
  const targets = farms.flatMap((farm) =>
    farm.checks.flatMap((check) =>
      targetsOf(farm, check).map(({ name, host, port }) => ({
        targets: [`http://${host}:${port}${check.path}`],
        labels: { farm: farm.name, probed: name },
      })),
    ),
  )
  const jobs = intervals.map((seconds) => ({
    job_name: `every${seconds}`,
    scrape_interval: `${seconds}s`,
    scrape_timeout: `${Math.min(seconds, 10)}s`,
    metrics_path: '/probe',
    params: { module: ['http_2xx'] },
    static_configs: targets,
    relabel_configs: [
      { source_labels: ['__address__'], target_label: '__param_target' },
      { target_label: '__address__', replacement: exporter },
    ],
  }))
  return JSON.stringify({ scrape_configs: jobs })
}

type Series = { metric: Record<string, string>; values: [seconds: number, value: string][] }

async function samplesOf(server: string, intervalS: number): Promise<Map<string, Sample[]>> {
  const [success, durations, statuses] = await Promise.all(
    ['probe_success', 'probe_duration_seconds', 'probe_http_status_code'].map((metric) =>
      query(server, `${metric}{job="every${intervalS}"}[10m]`),
    ),
  )
  const found = new Map<string, Sample[]>()
  for (const { metric, values } of success ?? []) {
    const key = keyOf(metric.farm ?? '', metric.probed ?? '')
    const valueAt = (series: Series[] | undefined, index: number) => {
      const own = series?.find((each) => keyOf(each.metric.farm ?? '', each.metric.probed ?? '') === key)
      return Number(own?.values[index]?.[1] ?? 0)
    }
    found.set(
      key,
      values.map(([seconds, value], index) => ({
        atMs: seconds * 1000,
        success: value === '1',
        durationMs: valueAt(durations, index) * 1000,
        status: valueAt(statuses, index),
      })),
    )
  }
  return found
}

async function query(server: string, expression: string): Promise<Series[]> {
  const response = await fetch(`http://${server}/api/v1/query?query=${encodeURIComponent(expression)}`)
  const answer = (await response.json()) as { status: string; error?: string; data: { result: Series[] } }
  if (answer.status !== 'success') throw new Error(`Prometheus cannot answer ${expression}: ${answer.error}`)
  return answer.data.result
}
