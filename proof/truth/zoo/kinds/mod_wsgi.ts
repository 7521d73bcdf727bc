/** Apache with mod_wsgi: a daemon process with threads, replaced after some requests or by a graceful restart of Apache. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessLog, apacheBase } from '../balancers/apache.ts'
import type { AccessLine, Kind, NodeServer, NodeSetting } from '../kind.ts'
import { linesOf } from '../run/lines.ts'
import { apps } from './applications.ts'
import { oneAfterTheOther } from './timetables.ts'

async function startModWsgi(setting: NodeSetting, maximumRequests: number): Promise<NodeServer> {
  const { host, port, dir, env, start } = setting
  const config = join(dir, 'httpd.conf')
  writeFileSync(config, apacheConfig(setting, maximumRequests))
  const output = join(dir, 'output')
  const args = ['-DFOREGROUND', '-f', config]
  const apache = await start({ command: 'apache2', args, env, output, listens: { host, port } })
  return {
    actions: { graceful: () => apache.signal('SIGUSR1') },
    logs: () => ({ requests: accessLines(dir) }),
  }
}

/** An access log with the arrival of each request at the server and its whole duration. */
export const accessFormat = '%{begin:msec}t %{us}T %>s %{X-Farmprobe-Id}i'

/** The first request of each process loads the application, as in IIS. */
const apacheConfig = ({ host, port, dir }: NodeSetting, maximumRequests: number): string => `
${apacheBase({ host, port, dir, modules: ['wsgi'], format: accessFormat })}
WSGISocketPrefix ${dir}/wsgi
WSGIDaemonProcess zoo processes=1 threads=15 maximum-requests=${maximumRequests} graceful-timeout=5 shutdown-timeout=5
WSGIScriptAlias / ${apps}/wsgi.py
<Directory ${apps}>
  Require all granted
  WSGIProcessGroup zoo
  WSGIApplicationGroup %{GLOBAL}
</Directory>
`

/** Reads an access log of `accessFormat`, without requests that carry no id. */
export const accessLines = (dir: string): AccessLine[] =>
  linesOf(join(dir, accessLog)).flatMap((line) => {
    const [atMs, tookUs, status, id = '-'] = line.split(' ')
    if (id === '-') return []
    return [{ id, atMs: Number(atMs), tookMs: Number(tookUs) / 1000, status: Number(status) }]
  })

const needs = [
  ['apache2', 'apache2'],
  ['/usr/lib/apache2/modules/mod_wsgi.so', 'libapache2-mod-wsgi-py3'],
] as const

export const modWsgiKinds: readonly Kind[] = [
  {
    name: 'mod_wsgi',
    about: 'a daemon process of 15 threads, replaced by maximum-requests about once a minute',
    needs,
    coldMs: 2000,
    slowMs: 600,
    concurrency: { workers: 1, threads: 15 },
    cause: 'requests',
    balancer: { product: 'nginx', timeoutMs: 2500 },
    users: { perSecond: 2 },
    cpuPercent: 8,
    startNode: (setting) =>
      startModWsgi(setting, setting.requestsIn(45 + 10 * setting.index + 10 * setting.random())),
  },
  {
    name: 'mod_wsgi-graceful',
    about: 'node after node restarted gracefully, cold for 15 s',
    needs,
    coldMs: 15_000,
    slowMs: 600,
    concurrency: { workers: 1, threads: 15 },
    cause: 'deploy',
    balancer: { product: 'apache', timeoutMs: 10_000 },
    users: { perSecond: 2 },
    actions: oneAfterTheOther('graceful', 20, 20),
    cpuPercent: 8,
    startNode: (setting) => startModWsgi(setting, 1_000_000),
  },
]
