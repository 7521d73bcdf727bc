/** Quiet nodes, and other reasons for late answers: the network, and farmprobe's own machine. */
import type { Kind } from '../kind.ts'
import { startGunicorn } from './gunicorn.ts'
import { nowAndThen } from './timetables.ts'

const calm = {
  needs: [['gunicorn', 'gunicorn']],
  coldMs: 2000,
  slowMs: 600,
  concurrency: { workers: 1, threads: 4 },
  cause: 'demand',
  balancer: { product: 'nginx', timeoutMs: 4000 },
  users: { perSecond: 2 },
  cpuPercent: 8,
  startNode: (setting) => startGunicorn(setting, { workers: 1, threads: 4 }),
} as const satisfies Partial<Kind>

const weather = { everyS: 20, forS: 10, delayMs: 300, loss: 0.15 }
const stopped = { kind: 'stopped', everyS: 10, forMs: [1000, 3000] } as const
const starved = { kind: 'starved', everyS: 15, forS: 8, loops: 2 } as const

export const circumstanceKinds: readonly Kind[] = [
  { ...calm, name: 'weather', about: 'network trouble, no restarts', weather },
  {
    ...calm,
    name: 'weather-restarts',
    about: 'network trouble, and a node is reloaded every 20 s',
    weather,
    actions: nowAndThen('reload', 20),
  },
  {
    ...calm,
    name: 'prober-stopped',
    about: "farmprobe's process is stopped for 1 to 3 s, and a node is reloaded every 25 s",
    disturbance: stopped,
    actions: nowAndThen('reload', 25),
  },
  {
    ...calm,
    name: 'prober-starved',
    about: 'busy loops starve the machine, and a node is reloaded every 25 s',
    disturbance: starved,
    actions: nowAndThen('reload', 25),
    cpuPercent: 'alone',
  },
]
