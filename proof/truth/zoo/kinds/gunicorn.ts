/** gunicorn: Python workers behind one listening socket. While no worker is ready, requests wait in the kernel. */
import { join } from 'node:path'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { apps } from './applications.ts'
import { allWithin, inARow, nowAndThen } from './timetables.ts'

interface Gunicorn {
  readonly workers: number
  /** Threads of each worker; 1 unless given. */
  readonly threads?: number
  /** A worker ends after the first number of requests plus a random part of the second. */
  readonly maxRequests?: readonly [number, number]
}

/** `pid` is the master's. */
export async function startGunicorn(
  setting: NodeSetting,
  plan: Gunicorn,
): Promise<NodeServer & { readonly pid: number }> {
  const { host, port, dir, env, start } = setting
  const [least, more] = plan.maxRequests ?? [0, 0]
  const args = [
    `--bind=${host}:${port}`,
    `--workers=${plan.workers}`,
    ...(plan.threads === undefined ? [] : [`--threads=${plan.threads}`]),
    `--max-requests=${least}`,
    `--max-requests-jitter=${more}`,
    `--worker-tmp-dir=/dev/shm`,
    `--graceful-timeout=10`,
    `--timeout=60`,
    `--pythonpath=${apps}`,
    'wsgi:application',
  ]
  const output = join(dir, 'output')
  const gunicorn = await start({ command: 'gunicorn', args, env, cwd: dir, output, listens: { host, port } })
  return { pid: gunicorn.pid, actions: { reload: () => gunicorn.signal('SIGHUP') } }
}

const needs = [['gunicorn', 'gunicorn']] as const

export const gunicornKinds: readonly Kind[] = [
  {
    name: 'gunicorn',
    about: 'one worker, replaced by max_requests about once a minute',
    needs,
    coldMs: 2000,
    slowMs: 300,
    concurrency: { workers: 1, threads: 1 },
    cause: 'requests',
    balancer: { product: 'nginx', timeoutMs: 1500 },
    users: { perSecond: 2 },
    cpuPercent: 8,
    startNode: (setting) =>
      startGunicorn(setting, { workers: 1, maxRequests: [setting.requestsIn(60), setting.requestsIn(50)] }),
  },
  {
    name: 'gunicorn-workers',
    about: 'three workers, replaced one by one by max_requests and all at once by a reload',
    needs,
    coldMs: 2000,
    slowMs: 400,
    concurrency: { workers: 3, threads: 1 },
    cause: 'requests',
    balancer: { product: 'haproxy', timeoutMs: 4000, health: true, retry: true },
    users: { perSecond: 3 },
    actions: nowAndThen('reload', 40),
    cpuPercent: 8,
    startNode: (setting) =>
      startGunicorn(setting, { workers: 3, maxRequests: [setting.requestsIn(40), setting.requestsIn(40)] }),
  },
  {
    name: 'gunicorn-20s',
    about: 'one worker, reloaded every 20 s, cold for 0.6 s',
    needs,
    coldMs: 600,
    slowMs: 300,
    concurrency: { workers: 1, threads: 1 },
    cause: 'demand',
    balancer: { product: 'apache', timeoutMs: 3000, keepAlive: true },
    users: { perSecond: 1 },
    actions: inARow('reload', 20, 3),
    cpuPercent: 8,
    startNode: (setting) => startGunicorn(setting, { workers: 1 }),
  },
  {
    name: 'gunicorn-six',
    about: 'six nodes of one worker, all reloaded within 4 s, cold for 6 s',
    needs,
    nodes: 6,
    coldMs: 6000,
    slowMs: 300,
    concurrency: { workers: 1, threads: 1 },
    cause: 'deploy',
    balancer: { product: 'haproxy', timeoutMs: 5000 },
    users: { perSecond: 3 },
    actions: allWithin('reload', 4, 90),
    cpuPercent: 10,
    startNode: (setting) => startGunicorn(setting, { workers: 1 }),
  },
]
