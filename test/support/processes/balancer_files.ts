/** What real balancers are told before the nodes of a farm, and what they say in their access logs. */
import { env, getuid } from 'node:process'

/** A request of farmprobe's in a balancer's own access log. */
export interface BalancerLine {
  /** The X-Farmprobe-Id it carried. */
  readonly id: string
  /** The Host it asked for. */
  readonly host: string
  /** When it reached the balancer, wall milliseconds. */
  readonly atMs: number
  /** The status that the balancer sent. */
  readonly status: number
  /** `ip:port` of the node tried last; empty when none was. */
  readonly node: string
  /** nginx: the status of each node tried; HAProxy: the termination state; Apache: nothing. */
  readonly upstream: string
  /** How long it took, in milliseconds, as the balancer has it. */
  readonly tookMs: number
}

export interface BalancerOptions {
  /** `ip:port` of each, tried in turn. */
  readonly nodes: readonly string[]
  /** How long it waits for a node's answer. */
  readonly timeoutMs: number
  /** Try the next node when one fails; off unless given. */
  readonly retry?: boolean
  /** Every node is out of rotation. */
  readonly down?: boolean
  /** nginx: keeps connections to the nodes open between requests. */
  readonly keepalive?: boolean
  /** Binds clients to nodes by a cookie; off unless given. */
  readonly affinity?: Affinity
  /** It answers everything itself, with this status. */
  readonly alone?: number
}

/** How a balancer binds clients to nodes. */
export interface Affinity {
  readonly cookie: string
  /** What it calls the nodes, in their order. HAProxy without them writes a hash of its own. */
  readonly names?: readonly string[]
  /** nginx: sets the cookie, and does not look at it. */
  readonly ignored?: boolean
}

export interface Places {
  /** Where it listens, of 127.0.0.1. */
  readonly port: number
  /** A folder of its own. */
  readonly dir: string
}

/** On whatever they answer, errors too: `ip:port` of the node tried last, with `http://` before it where it is Apache. */
const servedByHeader = 'X-Served-By'

/** nginx and Apache write it, under this name, into their folder; HAProxy writes to its standard output. */
export const accessLog = 'access.log'

const isRoot = getuid?.() === 0

/** `max_fails=0`: nodes are never taken out, so that every request meets the node whose turn it is. */
export function nginxConfig({
  nodes,
  timeoutMs,
  retry = false,
  down = false,
  keepalive = false,
  affinity,
  alone,
  port,
  dir,
}: BalancerOptions & Places): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const named = nodes.map((node, at) => [node, affinity?.names?.[at] ?? ''] as const)
  const bound = affinity !== undefined && !affinity.ignored
  return `
daemon off;
${isRoot ? 'user root;' : ''}
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  ${temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join('\n  ')}
  log_format join escape=json '{"id":"$http_x_farmprobe_id","host":"$http_host","status":$status,'
    '"node":"$upstream_addr","upstream":"$upstream_status","ended":$msec,"seconds":$request_time}';
  access_log ${dir}/${accessLog} join;
  upstream nodes {
    ${nodes.map((node) => `server ${node} max_fails=0${down ? ' down' : ''};`).join('\n    ')}
    ${keepalive ? 'keepalive 16;' : ''}
  }
  ${bound ? `map $cookie_${affinity.cookie} $chosen { default nodes; ${named.map(([node, name]) => `${name} ${node};`).join(' ')} }` : ''}
  ${affinity ? `map $upstream_addr $called { ${named.map(([node, name]) => `${node} ${name};`).join(' ')} }` : ''}
  server {
    listen 127.0.0.1:${port};
    location / {
      ${alone === undefined ? '' : `return ${alone};`}
      proxy_pass http://${bound ? '$chosen' : 'nodes'};
      ${affinity ? `add_header Set-Cookie "${affinity.cookie}=$called; Path=/";` : ''}
      ${keepalive ? 'proxy_http_version 1.1; proxy_set_header Connection "";' : ''}
      proxy_set_header Host $http_host;
      proxy_connect_timeout 2s;
      proxy_read_timeout ${timeoutMs}ms;
      add_header ${servedByHeader} $upstream_addr always;
      proxy_next_upstream ${retry ? 'error timeout' : 'off'};
    }
  }
}
`
}

type Logged = Record<'id' | 'host' | 'node' | 'upstream', string> &
  Record<'status' | 'ended' | 'seconds', number>

/** The log's last line may still be in the writing. */
export function nginxLine(line: string): BalancerLine[] {
  if (!line.endsWith('}')) return []
  const { id, host, status, node, upstream, ended, seconds } = JSON.parse(line) as Logged
  if (id === '') return []
  const tookMs = Math.round(seconds * 1000)
  return [
    { id, host, status, node: node.split(', ').at(-1) ?? '', upstream, atMs: ended * 1000 - tookMs, tookMs },
  ]
}

/** No health checks and no retries unless asked for: every request meets the node whose turn it is. */
export function haproxyConfig({
  nodes,
  timeoutMs,
  retry = false,
  down = false,
  affinity,
  alone,
  port,
}: BalancerOptions & Places): string {
  const { cookie, names } = affinity ?? {}
  const bound = (at: number) => (names?.[at] === undefined ? '' : ` cookie ${names[at]}`)
  return `
global
  log stdout format raw local0
defaults
  mode http
  log global
  option dontlognull
  retries ${retry ? 3 : 0}
  ${retry ? 'option redispatch 1' : 'no option redispatch'}
  timeout connect 2s
  timeout client 60s
  timeout server ${timeoutMs}ms
frontend farm
  bind 127.0.0.1:${port}
  http-request capture req.hdr(X-Farmprobe-Id) len 64
  http-request capture req.hdr(Host) len 64
  ${alone === undefined ? '' : `http-request return status ${alone} default-errorfiles`}
  http-after-response set-header ${servedByHeader} %s
  log-format "join %[capture.req.hdr(0)] %ST %s %ts %Ta %Ts%ms %[capture.req.hdr(1)]"
  default_backend nodes
backend nodes
  balance roundrobin
  ${cookie === undefined ? '' : `cookie ${cookie} insert indirect nocache${names ? '' : ' dynamic\n  dynamic-cookie-key farmprobe'}`}
  ${nodes.map((node, at) => `server ${node} ${node}${bound(at)}${down ? ' disabled' : ''}`).join('\n  ')}
`
}

export function haproxyLine(line: string): BalancerLine[] {
  const [mark, id = '-', status, server = '', upstream = '', tookMs, atMs, host = ''] = line.split(' ')
  if (mark !== 'join' || id === '-') return []
  const node = server === '<NOSRV>' ? '' : server
  return [{ id, host, status: Number(status), node, upstream, atMs: Number(atMs), tookMs: Number(tookMs) }]
}

/** Where Debian, and whoever says otherwise in APACHE_MODULES, keeps Apache's modules. */
const modules = env.APACHE_MODULES ?? '/usr/lib/apache2/modules'

/** What every Apache of ours begins with: its folder, its port, its modules (by name) and its logs. */
export function apacheBase({ port, dir }: Places, names: readonly string[], format: string): string {
  const all = ['mpm_worker', 'authz_core', ...names]
  return `
ServerRoot ${dir}
DefaultRuntimeDir ${dir}
PidFile ${dir}/httpd.pid
Listen 127.0.0.1:${port}
ServerName 127.0.0.1
${all.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
${isRoot ? 'User www-data\nGroup www-data' : ''}
ErrorLog ${dir}/error.log
LogFormat "${format}" join
CustomLog ${dir}/${accessLog} join
`
}

const proxyModules = [
  'alias',
  'headers',
  'slotmem_shm',
  'proxy',
  'proxy_http',
  'proxy_balancer',
  'lbmethod_byrequests',
]

/** `retry=0`: a node that refused is asked again when its turn comes. Its patience has whole seconds only. */
export function apacheConfig({
  nodes,
  timeoutMs,
  retry = false,
  down = false,
  affinity,
  alone,
  ...places
}: BalancerOptions & Places): string {
  const format = 'join %{X-Farmprobe-Id}i %>s %{BALANCER_WORKER_NAME}e %{begin:msec}t %{ms}T %{Host}i'
  const { cookie, names } = affinity ?? {}
  const bound = (at: number) => (names?.[at] === undefined ? '' : ` route=${names[at]}`)
  const member = `timeout=${Math.ceil(timeoutMs / 1000)} connectiontimeout=2 retry=0 disablereuse=On${down ? ' status=+D' : ''}`
  return `${apacheBase(places, proxyModules, format)}
ProxyPreserveHost On
Header always set ${servedByHeader} "expr=%{reqenv:BALANCER_WORKER_NAME}"
<Proxy balancer://nodes>
  ${nodes.map((node, at) => `BalancerMember http://${node} ${member}${bound(at)}`).join('\n  ')}
  ProxySet lbmethod=byrequests maxattempts=${retry ? nodes.length - 1 : 0}${cookie === undefined ? '' : ` stickysession=${cookie} nofailover=On`}
</Proxy>
${cookie === undefined ? '' : `Header add Set-Cookie "${cookie}=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED`}
${alone === undefined ? 'ProxyPass / balancer://nodes/' : `Redirect ${alone} /`}
`
}

export function apacheLine(line: string): BalancerLine[] {
  const [mark, id = '-', status, worker = '-', atMs, tookMs, host = ''] = line.split(' ')
  if (mark !== 'join' || id === '-' || host === '') return []
  const node = worker === '-' ? '' : new URL(worker).host
  return [
    { id, host, status: Number(status), node, upstream: '', atMs: Number(atMs), tookMs: Number(tookMs) },
  ]
}
