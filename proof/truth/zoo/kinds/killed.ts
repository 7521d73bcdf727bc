/** Workers that are killed in the middle of their requests, as by the kernel when memory runs out. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { startGunicorn } from './gunicorn.ts'
import { nowAndThen } from './timetables.ts'

async function startToBeKilled(setting: NodeSetting): Promise<NodeServer> {
  const { pid, ...server } = await startGunicorn(setting, { workers: 1, threads: 4 })
  const ends: { pid: number; atMs: number }[] = []
  const kill = async () => {
    // Somebody is served then, whatever the others do.
    const asked = fetch(`http://${setting.host}:${setting.port}/report`).catch(() => undefined)
    await sleep(300)
    for (const worker of childrenOf(pid)) {
      process.kill(worker, 'SIGKILL')
      ends.push({ pid: worker, atMs: Date.now() })
    }
    await asked
  }
  return { ...server, deeds: { kill }, logs: () => ({ ends }) }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

export const killedKinds: readonly Kind[] = [
  {
    name: 'killed',
    about: 'a worker that is killed with requests in it now and then, and started at once',
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
    deeds: nowAndThen('kill', 20),
    cpuPercent: 8,
    startNode: startToBeKilled,
  },
]
