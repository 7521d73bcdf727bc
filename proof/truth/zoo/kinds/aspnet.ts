/** ASP.NET on mono: Apache's mod_mono runs the application in a mono process and restarts it after requests or a time. */
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apacheBase } from '../balancers/apache.ts'
import type { BalancerPlan } from '../balancers/balancer.ts'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { apps } from './applications.ts'
import { accessFormat, accessLines } from './mod_wsgi.ts'

/** When mod_mono ends the application; the next request starts it again. */
type Restart = { readonly requests: number } | { readonly seconds: number }

async function startMono(setting: NodeSetting, restart: Restart): Promise<NodeServer> {
  const { host, port, dir, env, start } = setting
  const application = join(dir, 'app')
  cpSync(join(apps, 'aspnet'), application, { recursive: true })
  // Writable by mono: compiled files, and the socket between Apache and mono.
  const own = join(dir, 'own')
  mkdirSync(own)
  chmodSync(own, 0o777)
  const config = join(dir, 'httpd.conf')
  writeFileSync(config, apacheConfig(setting, restart, application, own))
  const args = ['-DFOREGROUND', '-f', config]
  const output = join(dir, 'output')
  await start({ command: 'apache2', args, env, output, listens: { host, port } })
  return { logs: () => ({ requests: accessLines(dir) }) }
}

function apacheConfig(setting: NodeSetting, restart: Restart, application: string, own: string): string {
  const { host, port, dir, env } = setting
  // mod_mono names its lock and counters after the alias alone: servers with the same alias would wait for each other.
  const alias = `zoo-${host.replaceAll('.', '-')}-${port}`
  const directives = {
    ServerPath: '/usr/bin/mod-mono-server4',
    UnixSocket: join(own, 'mono.sock'),
    Applications: `/:${application}`,
    WapiDir: own,
    // Each waiting request takes a thread, and the start needs one as well; mono adds only two threads a second.
    MinThreads: 250,
    SetEnv: Object.entries({ ...env, TMPDIR: own })
      .map(([name, value]) => `${name}=${value}`)
      .join(';'),
    ...restartDirectives(restart),
  }
  return `
${apacheBase({ host, port, dir, modules: ['mime', 'mono'], format: accessFormat })}
TypesConfig /etc/mime.types
DocumentRoot ${application}
<Directory ${application}>
  Require all granted
</Directory>
${Object.entries(directives)
  .map(([directive, value]) => `Mono${directive} ${alias} "${value}"`)
  .join('\n')}
<Location />
  SetHandler mono
  MonoSetServerAlias ${alias}
</Location>
`
}

function restartDirectives(restart: Restart): Readonly<Record<string, string | number>> {
  if ('requests' in restart) return { AutoRestartMode: 'Requests', AutoRestartRequests: restart.requests }
  const { seconds } = restart
  // Days, hours, minutes, seconds.
  return { AutoRestartMode: 'Time', AutoRestartTime: `0:0:${Math.floor(seconds / 60)}:${seconds % 60}` }
}

/** web01 restarts by requests, the others by time, no two in step. */
const restartOf = ({ index, requestsIn }: NodeSetting): Restart =>
  ([{ requests: requestsIn(70) }, { seconds: 60 }, { seconds: 72 }] as const)[index] ?? { seconds: 72 }

/** Time-outs are shorter than a start, so that users see errors. */
const behind: readonly (readonly [name: string, balancer: BalancerPlan])[] = [
  ['aspnet', { product: 'nginx', timeoutMs: 2000 }],
  ['aspnet-haproxy', { product: 'haproxy', timeoutMs: 3000 }],
  ['aspnet-apache', { product: 'apache', timeoutMs: 4000 }],
]

export const aspnetKinds: readonly Kind[] = behind.map(([name, balancer]) => ({
  name,
  about:
    'ASP.NET on mono, restarted after requests or a time: Application_Start takes 3 s, mod_mono 2 s more',
  needs: [
    ['mod-mono-server4', 'mono-apache-server4'],
    ['/usr/lib/apache2/modules/mod_mono.so', 'libapache2-mod-mono'],
    ['apache2', 'apache2'],
  ],
  coldMs: 3000,
  slowMs: 600,
  concurrency: { workers: 1, threads: 50 },
  cause: 'time',
  balancer,
  users: { perSecond: 0.5 },
  cpuPercent: 25,
  startNode: (setting) => startMono(setting, restartOf(setting)),
}))
