/** A worker that is killed during a request, as by the kernel when memory runs out. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { startGunicorn } from './gunicorn.ts'
import { nowAndThen } from './timetables.ts'

async function startToBeKilled(setting: NodeSetting): Promise<NodeServer> {
  const { pid, ...server } = await startGunicorn(setting, { workers: 1, threads: 4 })
  const ends: { pid: number; atMs: number }[] = []
  const kill = async () => {
    // Guarantees a request in progress.
    const request = fetch(`http://${setting.host}:${setting.port}/report`).catch(() => undefined)
    await sleep(300)
    for (const worker of childrenOf(pid)) {
      process.kill(worker, 'SIGKILL')
      ends.push({ pid: worker, atMs: Date.now() })
    }
    await request
  }
  return { ...server, actions: { kill }, logs: () => ({ ends }) }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

export const killedKinds: readonly Kind[] = [
  {
    name: 'killed',
    about: 'kill -9 of the worker during requests',
    needs: [['gunicorn', 'gunicorn']],
    coldMs: 2000,
    slowMs: 1200,
    concurrency: { workers: 1, threads: 4 },
    cause: 'crash',
    balancer: {
      product: 'haproxy',
      timeoutMs: 4000,
      health: true,
      retry: true,
      cookie: true,
      keepAlive: true,
    },
    users: { perSecond: 3 },
    actions: nowAndThen('kill', 20),
    cpuPercent: 8,
    startNode: startToBeKilled,
  },
]
