/** windows_exporter on every simulated node: what IIS would count of its pools, as the collector `iis` shows it. */
import type { RequestListener } from 'node:http'
import type { Crosscheck } from '../../model/farm.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { NodePlan, Scenario } from '../farm/blueprint.ts'
import type { RecycleCause, TruthEvent } from '../farm/true_events.ts'
import { type Listening, listen } from './listening.ts'

interface Counted {
  created: number
  recycles: number
  failures: number
  /** Process ids by slot. */
  readonly pids: Map<number, string>
}

export type Exporters = Awaited<ReturnType<typeof startExporters>>

/** Starts one for each node, on free ports. Everything is faster in a demo, and so is the cross-check. */
export async function startExporters(scenario: Scenario, host: string, clock: Clock) {
  const counts = new Map(scenario.nodes.map((node) => [node.name, countsOf(node)]))
  const listening = new Map<string, Listening>()
  for (const [node, pools] of counts) {
    const answer: RequestListener = (request, response) => {
      request.resume()
      response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(exposition(pools))
    }
    listening.set(node, await listen(host, answer, clock))
  }
  const crosscheck: Crosscheck = {
    exporter: true,
    scheme: 'http',
    port: 9182,
    path: '/metrics?collect[]=iis',
    pools: [...new Set(scenario.nodes.flatMap(({ apps }) => apps.map(({ path }) => poolOf(path))))],
    intervalMs: 5000,
    timeoutMs: 2000,
    toleranceMs: 10_000,
    tls: { insecure: false, minVersion: 'TLSv1.2' },
    exceptions: [...listening].map(([node, { port }]) => ({ node, off: false, port })),
  }
  return {
    crosscheck,
    record(event: TruthEvent): void {
      if (event.kind !== 'recycle' && event.kind !== 'idle') return
      const counted = counts.get(event.node)?.get(poolOf(event.app))
      if (counted === undefined) return
      if (event.kind === 'recycle') count(counted, event.cause, event.worker, event.token)
      else if (event.action === 'terminate') counted.pids.clear()
    },
    async stop(): Promise<void> {
      await Promise.all([...listening.values()].map((each) => each.stop()))
    },
  }
}

const poolOf = (path: string): string => (path === '/' ? 'DefaultAppPool' : path.slice(1))

const countsOf = ({ apps }: NodePlan): Map<string, Counted> =>
  new Map(
    apps.map(({ path, pool: { workers } }) => [
      poolOf(path),
      {
        created: workers,
        recycles: 0,
        failures: 0,
        pids: new Map(Array.from({ length: workers }, (_, slot) => [slot, `${900 + 4 * slot}`])),
      },
    ]),
  )

/** A worker token begins with its process id. */
function count(counted: Counted, cause: RecycleCause, slot: number, token: string): void {
  counted.created++
  if (cause === 'crash') counted.failures++
  else if (cause !== 'idle') counted.recycles++
  counted.pids.set(slot, token.split('-', 1)[0] ?? token)
}

function exposition(pools: ReadonlyMap<string, Counted>): string {
  const lines = [...pools].flatMap(([pool, { created, recycles, failures, pids }]) => {
    const app = `app="${pool}"`
    return [
      `windows_iis_current_application_pool_state{${app},state="Running"} 1`,
      `windows_iis_current_worker_processes{${app}} ${pids.size}`,
      `windows_iis_total_application_pool_recycles{${app}} ${recycles}`,
      `windows_iis_total_worker_processes_created{${app}} ${created}`,
      `windows_iis_total_worker_process_failures{${app}} ${failures}`,
      ...[...pids.values()].map((pid) => `windows_iis_worker_current_requests{${app},pid="${pid}"} 0`),
    ]
  })
  return `${lines.join('\n')}\n`
}
