/** farmprobe itself, as a user runs it: `farmprobe run` on a configuration file. */

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../test/support/servers/loopback_port.ts'
import { build } from '../../tools/build.ts'
import { pidOf, start, stop, untilAnswering } from '../processes.ts'
import { defaultFarmSize, groups } from './targets.ts'
import { type TlsFiles, tlsName } from './traffic.ts'

/** Farms of a balancer and four nodes with one check, at one interval. */
export interface Load {
  /** The port of the targets. */
  readonly port: number
  readonly targets: number
  readonly intervalMs: number
  /** Further targets whose turn comes too rarely to matter: they are there for their series. */
  readonly idleTargets?: number
  /** Targets of one farm, its balancer among them. */
  readonly farmSize?: number
  /** Connections are kept. */
  readonly keepAlive?: boolean
  readonly tls?: TlsFiles
}

/** Something that probes the targets at a steady rate, in a process of its own. */
export interface Prober extends AsyncDisposable {
  readonly pid: number
  /** Of its own web server, without a path, where it has one that is scraped. */
  readonly url?: string
}

export interface Farmprobe extends Prober {
  readonly child: ChildProcess
  /** The URL of its own web server, without a path. */
  readonly url: string
  /** Reads /metrics whole. */
  scrape(): Promise<string>
}

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const main = join(dist, 'farmprobe.js')

/** Builds what users run. Its first line can start it then, which says with which settings Node is to run. */
export async function buildFarmprobe(): Promise<void> {
  await build(dist)
  await chmod(main, 0o755)
}

/** Starts `farmprobe run`; does not wait for anything. */
export async function spawnFarmprobe(load: Load): Promise<Farmprobe> {
  const file = await writeConfiguration(load)
  const child = start(main, ['run', '-c', file.path, '--log-level', 'warn'])
  return {
    child,
    url: file.url,
    pid: pidOf(child),
    scrape: () => scrape(file.url),
    async [Symbol.asyncDispose]() {
      await stop(child)
      file[Symbol.dispose]()
    },
  }
}

/** Starts `farmprobe run` and waits until it serves its metrics. */
export async function startFarmprobe(load: Load): Promise<Farmprobe> {
  const farmprobe = await spawnFarmprobe(load)
  await untilAnswering(farmprobe.child, `${farmprobe.url}/-/healthy`)
  return farmprobe
}

/** A configuration file for a load, and the URL that its web server will have. */
export async function writeConfiguration(load: Load) {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-bench-'))
  const path = join(folder, 'farmprobe.yaml')
  const listen = `127.0.0.1:${await freePort()}`
  writeFileSync(path, configuration(listen, join(folder, 'journal.db'), load))
  const remove = () => rmSync(folder, { recursive: true })
  return { path, url: `http://${listen}`, [Symbol.dispose]: remove }
}

/** Reads /metrics whole. */
export async function scrape(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`)
  if (!response.ok) throw new Error(`${url}/metrics answered ${response.status}`)
  return response.text()
}

/** Scrapes on a fixed period until stopped; nothing is done with the text. */
export function keepScraping(url: string, everyMs: number): Disposable {
  const timer = setInterval(() => {
    // One that the end of the process cuts off is no fault.
    scrape(url).catch(() => {})
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** The samples of a metric; `labels` are as they are written. */
export function samplesOf(exposition: string, metric: string) {
  const isSample = (line: string) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `)
  return exposition
    .split('\n')
    .filter(isSample)
    .map((line) => {
      const end = line.lastIndexOf(' ')
      return { labels: line.slice(metric.length, end), value: Number(line.slice(end)) }
    })
}

/** The sum of a metric's samples, of those that carry a label when one is given. */
export function total(exposition: string, metric: string, label = ''): number {
  const samples = samplesOf(exposition, metric).filter(({ labels }) => labels.includes(label))
  return samples.reduce((sum, { value }) => sum + value, 0)
}

/** How many series there are: every line that is no comment. */
export const seriesIn = (exposition: string) => exposition.match(/^[^#\n]/gm)?.length ?? 0

const rarely = '24h'

/** The text of a configuration file. JSON is YAML. */
function configuration(listen: string, journal: string, load: Load): string {
  const { port, targets, intervalMs, idleTargets = 0, farmSize = defaultFarmSize, keepAlive, tls } = load
  const probed = groups(targets, farmSize).length
  const farms = groups(targets + idleTargets, farmSize).map(([balancer, ...nodes], index) => ({
    name: `farm${index}`,
    url: tls ? `https://${tlsName}:${port}` : `http://farm${index}.test:${port}`,
    address: `${balancer}:${port}`,
    nodes: nodes.map((address, node) => ({ name: `web${node}`, address: `${address}:${port}` })),
    checks: [
      {
        name: 'home',
        path: '/',
        interval: index < probed ? `${intervalMs}ms` : rarely,
        timeout: '5s',
        ...(keepAlive && { connection: 'reuse' }),
        ...(tls && { tls: { ca_file: tls.cert } }),
      },
    ],
  }))
  return JSON.stringify({ web: { listen }, journal: { path: journal }, farms })
}
