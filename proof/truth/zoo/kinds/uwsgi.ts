/** uWSGI in cheap mode: workers end when idle and start with the next request. */
import { join } from 'node:path'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { apps } from './applications.ts'
import { nowAndThen } from './timetables.ts'

async function startUwsgi({ host, port, dir, env, start }: NodeSetting, idleS: number): Promise<NodeServer> {
  const args = [
    `--http-socket=${host}:${port}`,
    '--plugin=python3',
    `--wsgi-file=${apps}/wsgi.py`,
    '--master',
    '--lazy-apps',
    '--cheap',
    `--idle=${idleS}`,
    '--processes=2',
    '--cheaper=1',
    '--cheaper-algo=spare',
    '--die-on-term',
    '--enable-threads',
    '--disable-logging',
    '--need-app',
    '--reload-mercy=5',
    '--worker-reload-mercy=5',
  ]
  const output = join(dir, 'output')
  const uwsgi = await start({ command: 'uwsgi', args, env, cwd: dir, output, listens: { host, port } })
  return { actions: { reload: () => uwsgi.signal('SIGHUP') } }
}

export const uwsgiKinds: readonly Kind[] = [
  {
    name: 'uwsgi',
    about: 'cheap mode: workers end after 2 s without requests, and all of them by a reload',
    needs: [
      ['uwsgi', 'uwsgi-core'],
      ['uwsgi', 'uwsgi-plugin-python3'],
    ],
    coldMs: 1000,
    slowMs: 400,
    concurrency: { workers: 2, threads: 1, grows: true },
    cause: 'idle',
    balancer: { product: 'apache', timeoutMs: 3000, retry: true },
    users: { perSecond: 3, pauses: { everyS: 50, forS: 8 } },
    actions: nowAndThen('reload', 40),
    cpuPercent: 8,
    startNode: (setting) => startUwsgi(setting, 2),
  },
]
