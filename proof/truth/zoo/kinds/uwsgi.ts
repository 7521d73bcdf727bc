/** uWSGI in cheap mode: its workers end when nobody came for a while, and start with the next request. */
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
  return { deeds: { reload: () => uwsgi.signal('SIGHUP') } }
}

export const uwsgiKinds: readonly Kind[] = [
  {
    name: 'uwsgi',
    about: 'cheap mode: workers end when nobody came for 2 s, and all of them at a reload now and then',
    needs: [
      ['uwsgi', 'uwsgi-core'],
      ['uwsgi', 'uwsgi-plugin-python3'],
    ],
    coldMs: 1000,
    slowMs: 400,
    concurrency: { workers: 2, threads: 1, grows: true },
    cause: 'idle',
    balancer: { product: 'apache', timeoutMs: 3000, retry: true },
    users: { perSecond: 3, pauses: { everyS: 25, forS: 10 } },
    deeds: nowAndThen('reload', 25),
    cpuPercent: 8,
    startNode: (setting) => startUwsgi(setting, 2),
  },
]
