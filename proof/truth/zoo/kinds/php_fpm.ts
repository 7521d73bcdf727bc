/** PHP-FPM behind an nginx on each node: workers start on demand and end when idle, or are replaced after some requests. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { newestVersion } from '../../../../test/support/processes/binary_path.ts'
import { nginxBase, nginxLines } from '../balancers/nginx.ts'
import type { Kind, NodeServer, NodeSetting, ServerLogs } from '../kind.ts'
import { linesOf } from '../run/lines.ts'
import { apps } from './applications.ts'

const program = newestVersion('php-fpm')
const needs = [
  [program, 'php-fpm'],
  ['nginx', 'nginx'],
] as const

async function startPhp(setting: NodeSetting, pool: string): Promise<NodeServer> {
  const { host, port, dir, env, start } = setting
  const config = join(dir, 'php-fpm.conf')
  writeFileSync(config, fpmConfig(dir, pool))
  const output = join(dir, 'output')
  await start({ command: program, args: ['-n', '-F', '-y', config], env, cwd: dir, output })
  const nginx = join(dir, 'nginx.conf')
  writeFileSync(nginx, nginxConfig(host, port, dir))
  await start({ command: 'nginx', args: ['-p', dir, '-c', nginx], output, listens: { host, port } })
  return { logs: () => logsIn(dir) }
}

const fpmLog = 'php-fpm.log'

/** At the level `debug` its log has microseconds. */
const fpmConfig = (dir: string, pool: string): string => `
[global]
error_log = ${dir}/${fpmLog}
log_level = debug
log_buffering = no
daemonize = no
[zoo]
${getuid?.() === 0 ? 'user = www-data\ngroup = www-data' : ''}
listen = ${dir}/php-fpm.sock
listen.mode = 0666
clear_env = no
${pool}
`

const nginxConfig = (host: string, port: number, dir: string): string =>
  nginxBase(
    dir,
    `server {
    listen ${host}:${port};
    location / {
      fastcgi_pass unix:${dir}/php-fpm.sock;
      fastcgi_param SCRIPT_FILENAME ${apps}/index.php;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
    }
  }`,
  )

const logsIn = (dir: string): ServerLogs => ({
  requests: nginxLines(dir),
  ends: linesOf(join(dir, fpmLog)).flatMap(ended),
})

/** `[29-Nov-2026 22:23:05.123456] DEBUG: … child 7 exited with code 0 …`; idle workers have `been killed by the process management`. */
function ended(line: string): { pid: number; atMs: number }[] {
  const [, day, month, year, time, pid] =
    /^\[(\d+)-(\w+)-(\d+) ([\d:.]+)\].* child (\d+) (?:exited|has been killed) /.exec(line) ?? []
  return pid === undefined ? [] : [{ pid: Number(pid), atMs: Date.parse(`${day} ${month} ${year} ${time}`) }]
}

export const phpKinds: readonly Kind[] = [
  {
    name: 'php-ondemand',
    about: 'pm=ondemand: workers end after 3 s without requests; every 45 s users pause for 12 s',
    needs,
    coldMs: 1000,
    slowMs: 600,
    concurrency: { workers: 4, threads: 1, grows: true },
    cause: 'idle',
    balancer: { product: 'haproxy', timeoutMs: 5000 },
    users: { perSecond: 4, pauses: { everyS: 45, forS: 12 } },
    cpuPercent: 8,
    startNode: (setting) =>
      startPhp(
        setting,
        // Probed every second it is never idle: there the limit of requests replaces its workers.
        `pm = ondemand\npm.max_children = 4\npm.process_idle_timeout = 3s\npm.max_requests = ${setting.requestsIn(40)}`,
      ),
  },
  {
    name: 'php-requests',
    about: 'four workers, each replaced after 30 to 55 requests, one about every 20 s',
    needs,
    coldMs: 2000,
    slowMs: 600,
    concurrency: { workers: 4, threads: 1 },
    cause: 'requests',
    balancer: { product: 'nginx', timeoutMs: 3000, retry: true },
    users: { perSecond: 4 },
    cpuPercent: 8,
    startNode: (setting) =>
      startPhp(
        setting,
        `pm = static\npm.max_children = 4\npm.max_requests = ${[30, 41, 55][setting.index] ?? 41}`,
      ),
  },
]
