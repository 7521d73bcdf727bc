/** A cluster of Node: its primary replaces each worker that ends. */
import { join } from 'node:path'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { apps } from './applications.ts'
import { both, nowAndThen } from './timetables.ts'

async function startCluster({ host, port, dir, env, start }: NodeSetting): Promise<NodeServer> {
  const cluster = await start({
    command: process.execPath,
    args: [join(apps, 'cluster.ts')],
    env: { ...env, ZOO_HOST: host, ZOO_PORT: String(port) },
    output: join(dir, 'output'),
    listens: { host, port },
  })
  return { actions: { restart: () => cluster.signal('SIGHUP'), crash: () => cluster.signal('SIGUSR2') } }
}

export const nodeKinds: readonly Kind[] = [
  {
    name: 'node-cluster',
    about: 'two workers: one crashes, or both are restarted at once, cold for 0.6 s',
    needs: [],
    coldMs: 600,
    slowMs: 600,
    concurrency: { workers: 2, threads: 100 },
    cause: 'crash',
    // The primary listens only while it has a worker.
    refuses: true,
    balancer: { product: 'nginx', timeoutMs: 3000, keepAlive: true, retry: true },
    users: { perSecond: 4 },
    actions: both(nowAndThen('restart', 25), nowAndThen('crash', 45)),
    cpuPercent: 8,
    startNode: startCluster,
  },
]
