/** Puma: restarted as a whole with its listening socket kept, or worker by worker. */
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
  return { actions: { restart: () => puma.signal('SIGUSR2'), phased: () => puma.signal('SIGUSR1') } }
}

/** A restart executes puma again in the same process, so `at_exit` does not run: a hook logs the end. */
const pumaConfig = ({ host, port }: NodeSetting, workers: number): string => `
bind 'tcp://${host}:${port}'
workers ${workers}
threads 4, 4
worker_timeout 60
worker_shutdown_timeout 5
${workers > 0 ? '' : "on_restart { Zoo.log('end') }"}
`

const needs = [['puma', 'puma']] as const

export const pumaKinds: readonly Kind[] = [
  {
    name: 'puma',
    about: 'one process of four threads, restarted as a whole with its socket kept, cold for 6 s',
    needs,
    coldMs: 6000,
    slowMs: 600,
    concurrency: { workers: 1, threads: 4 },
    cause: 'demand',
    balancer: { product: 'haproxy', timeoutMs: 5000, keepAlive: true, cookie: true },
    users: { perSecond: 3 },
    actions: nowAndThen('restart', 20),
    cpuPercent: 8,
    startNode: (setting) => startPuma(setting, 0),
  },
  {
    name: 'puma-workers',
    about: 'two workers of four threads, restarted worker by worker, node after node',
    needs,
    coldMs: 2000,
    slowMs: 600,
    concurrency: { workers: 2, threads: 4 },
    cause: 'deploy',
    balancer: { product: 'nginx', timeoutMs: 5000, keepAlive: true, retry: true },
    users: { perSecond: 3 },
    actions: oneAfterTheOther('phased', 10, 60),
    cpuPercent: 8,
    startNode: (setting) => startPuma(setting, 2),
  },
]
