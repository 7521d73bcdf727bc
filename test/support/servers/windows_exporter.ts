/** A server on loopback that speaks as windows_exporter's `iis` collector does, about pools that a test makes live. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Pool {
  created: number
  recycles: number
  failures: number
  state: string
  pids: number[]
}

export interface WindowsExporter extends AsyncDisposable {
  readonly port: number
  /** `127.0.0.1:port` */
  readonly address: string
  /** Every request, by its path and query. */
  readonly asked: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[]
  /** Resolves when it has been asked this many times more. */
  askedAgain(times?: number): Promise<void>
  /** A new worker in the place of the old one. */
  recycle(pool?: string): void
  /** The pool stops its workers for want of work; the next request will start one. */
  idle(pool?: string): void
  /** A worker is started on demand. */
  start(pool?: string): void
  /** A worker crashes and another takes its place. */
  crash(pool?: string): void
  /** WAS restarts: counters begin anew. */
  restartWas(): void
  /** From now on connections are refused; `listen` ends it. */
  close(): Promise<void>
  listen(): Promise<void>
}

const states = [
  'Uninitialized',
  'Initialized',
  'Running',
  'Disabling',
  'Disabled',
  'Shutdown Pending',
  'Delete Pending',
]

let nextPid = 4000

const newPid = () => (nextPid += 4)

const freshPool = (): Pool => ({ created: 1, recycles: 0, failures: 0, state: 'Running', pids: [newPid()] })

const replace = (pool: Pool) => Object.assign(pool, { created: pool.created + 1, pids: [newPid()] })

/** Starts one with these pools, each with a worker. */
export async function startWindowsExporter(...names: string[]): Promise<WindowsExporter> {
  const pools = new Map(names.map((name) => [name, freshPool()]))
  const [first = 'DefaultAppPool'] = names
  const asked: { path: string; headers: IncomingMessage['headers'] }[] = []
  const waiting = new Set<() => void>()
  const of = (name = first): Pool => {
    const pool = pools.get(name)
    if (pool === undefined) throw new Error(`no pool ${name}`)
    return pool
  }
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    asked.push({ path: request.url ?? '', headers: request.headers })
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    response.end(exposition(pools))
    for (const wake of waiting) wake()
  }
  let server: Server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    port,
    address: `127.0.0.1:${port}`,
    asked,
    askedAgain(times = 1) {
      const wanted = asked.length + times
      return new Promise((resolve) => {
        const wake = () => {
          if (asked.length < wanted) return
          waiting.delete(wake)
          resolve()
        }
        waiting.add(wake)
      })
    },
    recycle(name) {
      const pool = of(name)
      pool.recycles++
      replace(pool)
    },
    idle: (name) => void (of(name).pids = []),
    start: (name) => void replace(of(name)),
    crash(name) {
      const pool = of(name)
      pool.failures++
      replace(pool)
    },
    restartWas() {
      for (const name of pools.keys()) pools.set(name, freshPool())
    },
    close,
    async listen() {
      server = createServer(serve)
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    [Symbol.asyncDispose]: close,
  }
}

const family = (name: string, type: string, lines: readonly string[]) => [
  `# HELP windows_iis_${name} As performance counters have it.`,
  `# TYPE windows_iis_${name} ${type}`,
  ...lines.map((line) => `windows_iis_${name}${line}`),
]

/**
 * What the collector shows of these pools, as versions from 0.30 on do: the gauges of start times hold seconds of
 * uptime, not Unix times.
 */
function exposition(pools: ReadonlyMap<string, Pool>): string {
  const rows = [...pools]
  const ofPools = (value: (pool: Pool) => number | string) =>
    rows.map(([name, pool]) => `{app="${name}"} ${value(pool)}`)
  const ofWorkers = (value: number | string) =>
    rows.flatMap(([name, { pids }]) => pids.map((pid) => `{app="${name}",pid="${pid}"} ${value}`))
  return `${[
    '# HELP go_goroutines Number of goroutines that currently exist.',
    '# TYPE go_goroutines gauge',
    'go_goroutines 19',
    ...family(
      'current_application_pool_state',
      'gauge',
      rows.flatMap(([name, { state }]) =>
        states.map((each) => `{app="${name}",state="${each}"} ${each === state ? 1 : 0}`),
      ),
    ),
    ...family(
      'current_application_pool_start_time',
      'gauge',
      ofPools(() => 1234),
    ),
    ...family(
      'current_worker_processes',
      'gauge',
      ofPools(({ pids }) => pids.length),
    ),
    ...family(
      'total_application_pool_recycles',
      'counter',
      ofPools(({ recycles }) => recycles),
    ),
    ...family(
      'total_worker_processes_created',
      'counter',
      ofPools(({ created }) => created),
    ),
    ...family(
      'total_worker_process_failures',
      'counter',
      ofPools(({ failures }) => failures),
    ),
    ...family('worker_requests_total', 'counter', ofWorkers('1.234567e+06')),
    ...family('worker_current_requests', 'gauge', ofWorkers(0)),
    ...family(
      'worker_threads',
      'gauge',
      rows.flatMap(([name, { pids }]) => pids.map((pid) => `{app="${name}",pid="${pid}",state="busy"} 0`)),
    ),
    'windows_exporter_collector_success{collector="iis"} 1',
  ].join('\n')}\n`
}
