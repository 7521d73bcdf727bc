/** A cluster of Node: its primary starts a worker in place of each that ends. */
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
  return { deeds: { restart: () => cluster.signal('SIGHUP'), crash: () => cluster.signal('SIGUSR2') } }
}

export const nodeKinds: readonly Kind[] = [
  {
    name: 'node-cluster',
    about: 'two workers: one of them fails now and then, and both are restarted at once; 600 ms each',
    needs: [],
    coldMs: 600,
    slowMs: 600,
    concurrency: { workers: 2, threads: 100 },
    cause: 'crash',
    // Without a worker its primary does not listen.
    refuses: true,
    balancer: { product: 'nginx', timeoutMs: 3000, keepAlive: true, retry: true },
    users: { perSecond: 4 },
    deeds: both(nowAndThen('restart', 25), nowAndThen('crash', 45)),
    cpuPercent: 8,
    startNode: startCluster,
  },
]
