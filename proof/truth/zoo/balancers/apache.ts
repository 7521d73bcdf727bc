/** Apache as a balancer: mod_proxy_balancer. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env, getuid } from 'node:process'
import { linesOf } from '../run/lines.ts'
import type { Balancer, BalancerLine, BalancerSetting } from './balancer.ts'

export const apache: Balancer = {
  program: 'apache2',
  debianPackage: 'apache2',
  prepare(setting) {
    const config = join(setting.dir, 'httpd.conf')
    writeFileSync(config, apacheConfig(setting))
    return { command: 'apache2', args: ['-DFOREGROUND', '-f', config] }
  },
  read(dir) {
    const errors = new Map(linesOf(join(dir, 'error.log')).flatMap(apacheError))
    return linesOf(join(dir, accessLog)).flatMap((line) => apacheLine(line, errors))
  },
}

/** The file name of the access log of every Apache of the zoo. */
export const accessLog = 'access.log'

/** Debian's folder for modules, unless APACHE_MODULES names another. */
const modules = env.APACHE_MODULES ?? '/usr/lib/apache2/modules'

interface Base {
  readonly host: string
  readonly port: number
  readonly dir: string
  /** Names of the modules to load. */
  readonly modules: readonly string[]
  /** The format of the access log. */
  readonly format: string
}

/** The configuration that every Apache of the zoo shares. */
export const apacheBase = ({ host, port, dir, modules: names, format }: Base): string => `
ServerRoot ${dir}
DefaultRuntimeDir ${dir}
PidFile ${dir}/httpd.pid
Listen ${host}:${port}
ServerName ${host}
${['mpm_worker', 'authz_core', ...names].map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
${getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
ServerLimit 4
ThreadsPerChild 32
MaxRequestWorkers 128
ErrorLogFormat "%{X-Farmprobe-Id}i %M"
ErrorLog ${dir}/error.log
LogFormat "${format}" join
CustomLog ${dir}/${accessLog} join
`

const proxyModules = [
  'headers',
  'slotmem_shm',
  'proxy',
  'proxy_http',
  'proxy_balancer',
  'lbmethod_byrequests',
]

/** Time-outs are whole seconds. */
function apacheConfig({ plan, nodes, ...place }: BalancerSetting): string {
  const { timeoutMs, retry = false, keepAlive = false } = plan
  const format = 'join %{X-Farmprobe-Id}i %>s %{BALANCER_WORKER_NAME}e %{begin:msec}t %{ms}T'
  // Without retries a node stays in rotation: every request reaches the next node.
  const member = `timeout=${Math.ceil(timeoutMs / 1000)} connectiontimeout=2 retry=${retry ? 3 : 0} disablereuse=${keepAlive ? 'Off' : 'On'}`
  return `${apacheBase({ ...place, modules: proxyModules, format })}
ProxyPreserveHost On
<Proxy balancer://nodes>
  ${nodes.map(({ address }) => `BalancerMember http://${address} ${member}`).join('\n  ')}
  ProxySet lbmethod=byrequests maxattempts=${retry ? nodes.length - 1 : 0}
</Proxy>
ProxyPass / balancer://nodes/
`
}

function apacheLine(line: string, errors: ReadonlyMap<string, string>): BalancerLine[] {
  const [mark, id = '-', status, worker = '-', atMs, tookMs] = line.split(' ')
  if (mark !== 'join' || id === '-') return []
  const tried = worker === '-' ? [] : [new URL(worker).host]
  return [
    {
      id,
      atMs: Number(atMs),
      tookMs: Number(tookMs),
      status: Number(status),
      tried,
      error: errors.get(id) ?? '',
    },
  ]
}

function apacheError(line: string): [id: string, text: string][] {
  const [, id, text] = /^(\S+) (.+)$/.exec(line) ?? []
  return id === undefined || text === undefined || id === '-' ? [] : [[id, text]]
}
