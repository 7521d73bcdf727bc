import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { eventually } from '../eventually.ts'
import { parseExposition, type Sample, total } from '../rules/exposition.ts'
import { type TempDir, tempDir } from '../temp_dir.ts'
import type { BalancerLine } from './balancer_files.ts'
import { main, nodeSettings } from './node_settings.ts'
import { type RealProcess, startProcess } from './real_process.ts'

/** One probe, as farmprobe's debug log tells it. */
interface LoggedProbe {
  readonly id: string
  readonly farm: string
  readonly role: string
  readonly target: string
  readonly check: string
  readonly lane: string
  readonly reason: string
  readonly status: number
  readonly firstByteMs?: number
  readonly totalMs: number
}

/** farmprobe as users start it. */
export interface Farmprobe extends AsyncDisposable {
  readonly url: string
  readonly process: RealProcess
  readonly configFile: string
  readonly metrics: () => Promise<Sample[]>
  readonly get: (path: string, accept?: string) => Promise<{ readonly type: string; readonly text: string }>
  /** Every probe that it has logged so far. */
  readonly probes: () => LoggedProbe[]
  /** Writes the configuration anew, given as an object or as text, and sends SIGHUP. */
  reconfigure(config: object | string): Promise<void>
}

/** Starts `farmprobe run` on a configuration given as an object; its web server takes a free port. */
export async function startFarmprobe(config: object, ...options: string[]): Promise<Farmprobe> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const configFile = await dir.write('farmprobe.yaml', placed(config, dir))
  const logging = ['--log-format', 'json', '--log-level', 'debug']
  const args = [...nodeSettings, main, 'run', '-c', configFile, ...logging, ...options]
  const process = owned.use(await startProcess({ command: globalThis.process.execPath, args }))
  const url = await runningAt(process)
  const get = async (path: string, accept = 'text/plain;version=0.0.4') => {
    const response = await fetch(new URL(path, url), { headers: { accept, connection: 'close' } })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return { type: response.headers.get('content-type') ?? '', text: await response.text() }
  }
  const kept = owned.move()
  return {
    url,
    process,
    configFile,
    get,
    metrics: async () => parseExposition((await get('/metrics')).text),
    probes: () => process.stderr.flatMap(loggedProbe),
    async reconfigure(next) {
      await writeFile(configFile, typeof next === 'string' ? next : placed(next, dir))
      process.signal('SIGHUP')
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** With a port and a journal of its own, unless the configuration says otherwise. */
const placed = (config: object, { path }: TempDir) =>
  stringify({ web: { listen: '127.0.0.1:0' }, journal: { path: join(path, 'journal.db') }, ...config })

async function runningAt(process: RealProcess): Promise<string> {
  const ended = process.exit.then(({ code }) => {
    throw new Error(`farmprobe ended with ${code}:\n${process.stderr.join('\n')}`)
  })
  const line = await Promise.race([ended, process.line(/"url":/)])
  ended.catch(() => {})
  return (JSON.parse(line) as { url: string }).url
}

function loggedProbe(line: string): LoggedProbe[] {
  if (!line.includes('"msg":"probed"')) return []
  return [JSON.parse(line) as LoggedProbe]
}

/** farmprobe's counters and the balancer's log, at one moment with no probe between start and count. */
export interface Settled {
  readonly metrics: readonly Sample[]
  readonly log: readonly BalancerLine[]
  readonly probes: readonly LoggedProbe[]
}

/**
 * Both sides of the join at a moment when nothing is under way: the counters are the same before and after the logs
 * were read, and agree with them in number. When that never comes, the sides as they are, for the test to tell how
 * they differ.
 */
export async function settled(
  farmprobe: Farmprobe,
  balancerLog: () => Promise<BalancerLine[]>,
): Promise<Settled> {
  let last: Settled = { metrics: [], log: [], probes: [] }
  const read = async () => {
    const metrics = await farmprobe.metrics()
    last = { metrics, log: await balancerLog(), probes: farmprobe.probes() }
    return { ...last, after: await farmprobe.metrics() }
  }
  const agree = ({ metrics, log, probes, after }: Settled & { after: readonly Sample[] }) =>
    counted(metrics) === counted(after) &&
    counted(metrics) === probes.length &&
    counted(metrics, { role: 'balancer' }) === log.length
  await eventually('a moment without probes under way', read, agree, 10_000).catch(() => {})
  return last
}

const counted = (metrics: readonly Sample[], labels: Record<string, string> = {}) =>
  total(metrics, 'farmprobe_probes_total', labels)
