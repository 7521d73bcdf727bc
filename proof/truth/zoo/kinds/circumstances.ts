/** Nodes that hardly ever restart, and whatever else makes answers late: the network, and farmprobe's own machine. */
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
const starved = { kind: 'starved', everyS: 15, forS: 8, hogs: 2 } as const

export const circumstanceKinds: readonly Kind[] = [
  { ...calm, name: 'weather', about: 'bad weather on the network, and no node restarts', weather },
  {
    ...calm,
    name: 'weather-restarts',
    about: 'bad weather on the network, and a node is restarted now and then',
    weather,
    deeds: nowAndThen('reload', 20),
  },
  {
    ...calm,
    name: 'prober-stopped',
    about: "farmprobe's own process stands still for a second or three, and a node is restarted now and then",
    prober: stopped,
    deeds: nowAndThen('reload', 25),
  },
  {
    ...calm,
    name: 'prober-starved',
    about: 'busy loops take the processors for a while, and a node is restarted now and then',
    prober: starved,
    deeds: nowAndThen('reload', 25),
    cpuPercent: 'alone',
  },
]
