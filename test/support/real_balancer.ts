import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './loopback_port.ts'
import { binaryPath } from './real_binaries.ts'
import { startProcess } from './real_process.ts'
import { tempDir } from './temp_dir.ts'

/** A request of farmprobe's in the balancer's own access log. */
export interface BalancerLine {
  /** The X-Farmprobe-Id it carried. */
  readonly id: string
  /** The status that the balancer sent. */
  readonly status: number
  /** `ip:port` of the node tried last; empty when none was. */
  readonly node: string
  /** nginx: the status of each node tried; HAProxy: the termination state. */
  readonly upstream: string
  /** How long it took, in milliseconds, as the balancer has it. */
  readonly tookMs: number
}

export interface RealBalancer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string
  /** The access log so far, requests without X-Farmprobe-Id left out. */
  readonly log: () => Promise<BalancerLine[]>
}

export interface BalancerOptions {
  /** `ip:port` of each, tried in turn. */
  readonly nodes: readonly string[]
  /** How long it waits for a node's answer. */
  readonly timeoutMs: number
  /** Try the next node when one fails; off unless given. */
  readonly retry?: boolean
}

/** Starts nginx with the nodes as its upstream: 502 when a node fails, 504 when it is too slow. */
export async function startNginx(options: BalancerOptions): Promise<RealBalancer> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const port = await freePort()
  const access = join(dir.path, 'access.log')
  const config = await dir.write('nginx.conf', nginxConfig({ ...options, port, dir: dir.path, access }))
  const command = binaryPath('nginx') ?? 'nginx'
  owned.use(await startProcess({ command, args: ['-p', dir.path, '-c', config, '-e', 'stderr'], port }))
  const kept = owned.move()
  return {
    address: `127.0.0.1:${port}`,
    log: async () => (await readFile(access, 'utf8')).split('\n').flatMap(nginxLine),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

interface NginxPlaces {
  readonly port: number
  readonly dir: string
  readonly access: string
}

/** `max_fails=0`: nodes are never taken out, so that every request meets the node whose turn it is. */
function nginxConfig({
  nodes,
  timeoutMs,
  retry = false,
  port,
  dir,
  access,
}: BalancerOptions & NginxPlaces): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
${globalThis.process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  ${temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join('\n  ')}
  log_format join escape=json '{"id":"$http_x_farmprobe_id","status":$status,"node":"$upstream_addr",'
    '"upstream":"$upstream_status","seconds":$request_time}';
  access_log ${access} join;
  upstream nodes {
    ${nodes.map((node) => `server ${node} max_fails=0;`).join('\n    ')}
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://nodes;
      proxy_set_header Host $http_host;
      proxy_connect_timeout 2s;
      proxy_read_timeout ${timeoutMs}ms;
      proxy_next_upstream ${retry ? 'error timeout' : 'off'};
    }
  }
}
`
}

/** The log's last line may still be in the writing. */
function nginxLine(line: string): BalancerLine[] {
  if (!line.endsWith('}')) return []
  const { id, status, node, upstream, seconds } = JSON.parse(line) as Record<
    'id' | 'node' | 'upstream',
    string
  > &
    Record<'status' | 'seconds', number>
  if (id === '') return []
  return [{ id, status, node: node.split(', ').at(-1) ?? '', upstream, tookMs: Math.round(seconds * 1000) }]
}

/** Starts HAProxy with the nodes as its servers: 502 on a broken answer, 503 when none connects, 504 on silence. */
export async function startHaproxy(options: BalancerOptions): Promise<RealBalancer> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const port = await freePort()
  const config = await dir.write('haproxy.cfg', haproxyConfig({ ...options, port }))
  const command = binaryPath('haproxy') ?? 'haproxy'
  const process = owned.use(await startProcess({ command, args: ['-db', '-f', config], port }))
  const kept = owned.move()
  return {
    address: `127.0.0.1:${port}`,
    log: async () => process.stdout.flatMap(haproxyLine),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** No health checks and no retries unless asked for: every request meets the node whose turn it is. */
function haproxyConfig({
  nodes,
  timeoutMs,
  retry = false,
  port,
}: BalancerOptions & { port: number }): string {
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
  log-format "join %[capture.req.hdr(0)] %ST %s %ts %Ta"
  default_backend nodes
backend nodes
  balance roundrobin
  ${nodes.map((node) => `server ${node} ${node}`).join('\n  ')}
`
}

function haproxyLine(line: string): BalancerLine[] {
  const [mark, id = '-', status, server = '', upstream = '', tookMs] = line.split(' ')
  if (mark !== 'join' || id === '-') return []
  return [
    {
      id,
      status: Number(status),
      node: server === '<NOSRV>' ? '' : server,
      upstream,
      tookMs: Number(tookMs),
    },
  ]
}
