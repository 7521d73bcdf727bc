/** Apache's mod_proxy_balancer. */
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

/** Of every Apache of the zoo, in its folder. */
export const accessLog = 'access.log'

/** Where Debian, and whoever says otherwise in APACHE_MODULES, keeps its modules. */
const modules = env.APACHE_MODULES ?? '/usr/lib/apache2/modules'

interface Base {
  readonly host: string
  readonly port: number
  readonly dir: string
  /** Names of modules to load. */
  readonly modules: readonly string[]
  /** Of the access log. */
  readonly format: string
}

/** What every Apache of the zoo begins with. */
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

/** Its patience has whole seconds only. */
function apacheConfig({ plan, nodes, ...place }: BalancerSetting): string {
  const { timeoutMs, retry = false, keepAlive = false } = plan
  const format = 'join %{X-Farmprobe-Id}i %>s %{BALANCER_WORKER_NAME}e %{begin:msec}t %{ms}T'
  // Without retries a node that failed is asked again at once, when its turn comes.
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
  const asked = worker === '-' ? [] : [new URL(worker).host]
  return [
    {
      id,
      atMs: Number(atMs),
      tookMs: Number(tookMs),
      status: Number(status),
      asked,
      error: errors.get(id) ?? '',
    },
  ]
}

function apacheError(line: string): [id: string, text: string][] {
  const [, id, text] = /^(\S+) (.+)$/.exec(line) ?? []
  return id === undefined || text === undefined || id === '-' ? [] : [[id, text]]
}
