/** Puma: restarted as a whole, keeping its listening socket, or worker by worker. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { apps } from './applications.ts'
import { nowAndThen, oneAfterTheOther } from './timetables.ts'

async function startPuma(setting: NodeSetting, workers: number): Promise<NodeServer> {
  const { host, port, dir, env, start } = setting
  const config = join(dir, 'puma.rb')
  writeFileSync(config, pumaConfig(setting, workers))
  const output = join(dir, 'output')
  const puma = await start({
    command: 'puma',
    args: ['-C', config, `${apps}/app.ru`],
    env: { ...env, RACK_ENV: 'production' },
    cwd: dir,
    output,
    listens: { host, port },
  })
  return { deeds: { restart: () => puma.signal('SIGUSR2'), phased: () => puma.signal('SIGUSR1') } }
}

/** A process that starts itself anew does not end: its application notes the end all the same. */
const pumaConfig = ({ host, port }: NodeSetting, workers: number): string => `
bind 'tcp://${host}:${port}'
workers ${workers}
threads 4, 4
worker_timeout 60
worker_shutdown_timeout 5
${workers > 0 ? '' : "on_restart { Zoo.note('end') }"}
`

const needs = [['puma', 'puma']] as const

export const pumaKinds: readonly Kind[] = [
  {
    name: 'puma',
    about:
      'one process of four threads, restarted as a whole now and then; it keeps its socket, and needs 6 s',
    needs,
    coldMs: 6000,
    slowMs: 600,
    concurrency: { workers: 1, threads: 4 },
    cause: 'demand',
    balancer: { product: 'haproxy', timeoutMs: 5000, keepAlive: true, cookie: true },
    users: { perSecond: 3 },
    deeds: nowAndThen('restart', 20),
    cpuPercent: 8,
    startNode: (setting) => startPuma(setting, 0),
  },
  {
    name: 'puma-workers',
    about: 'two workers of four threads, restarted one by one, node after node',
    needs,
    coldMs: 2000,
    slowMs: 600,
    concurrency: { workers: 2, threads: 4 },
    cause: 'deploy',
    balancer: { product: 'nginx', timeoutMs: 5000, keepAlive: true, retry: true },
    users: { perSecond: 3 },
    deeds: oneAfterTheOther('phased', 10, 30),
    cpuPercent: 8,
    startNode: (setting) => startPuma(setting, 2),
  },
]
