/** nginx as a balancer: round robin. Its error log is joined to its access log by the request's unique URL. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import type { AccessLine } from '../kind.ts'
import { linesOf } from '../run/lines.ts'
import type { Balancer, BalancerLine, BalancerSetting } from './balancer.ts'

/** A header of all answers, errors too: the address of the node tried last. */
export const servedByHeader = 'X-Served-By'

export const nginx: Balancer = {
  program: 'nginx',
  debianPackage: 'nginx',
  prepare(setting) {
    const { dir } = setting
    const config = join(dir, 'nginx.conf')
    writeFileSync(config, nginxConfig(setting))
    return { command: 'nginx', args: ['-p', dir, '-c', config, '-e', errorLog] }
  },
  read(dir) {
    const errors = new Map(linesOf(join(dir, errorLog)).flatMap(nginxError))
    return nginxLines(dir).map(
      ({ uri, ...line }): BalancerLine => ({ ...line, error: errors.get(uri) ?? '' }),
    )
  },
}

/** Of every nginx of the zoo, in its folder. */
const accessLog = 'access.log'
const errorLog = 'error.log'

/** The configuration that every nginx of the zoo shares; `http` holds the directives of its http block. */
export const nginxBase = (dir: string, http: string): string => `
daemon off;
${getuid?.() === 0 ? 'user www-data;' : ''}
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/${errorLog} warn;
events { worker_connections 1024; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join('\n  ')}
  log_format join escape=json '{"id":"$http_x_farmprobe_id","uri":"$request_uri","status":$status,'
    '"tried":"$upstream_addr","endMs":"$msec","seconds":$request_time}';
  access_log ${dir}/${accessLog} join;
  ${http}
}
`

function nginxConfig({ plan, host, port, nodes, dir }: BalancerSetting): string {
  const { timeoutMs, retry = false, keepAlive = false } = plan
  // Without retries a node stays in rotation: every request reaches the next node.
  const fails = retry ? '' : ' max_fails=0'
  return nginxBase(
    dir,
    `upstream nodes {
    ${nodes.map(({ address }) => `server ${address}${fails};`).join('\n    ')}
    ${keepAlive ? 'keepalive 8;' : ''}
  }
  server {
    listen ${host}:${port};
    location / {
      proxy_pass http://nodes;
      proxy_set_header Host $http_host;
      ${keepAlive ? 'proxy_http_version 1.1;\n      proxy_set_header Connection "";' : ''}
      proxy_connect_timeout 2s;
      proxy_read_timeout ${timeoutMs}ms;
      proxy_next_upstream ${retry ? 'error timeout' : 'off'};
      add_header ${servedByHeader} $upstream_addr always;
    }
  }`,
  )
}

interface NginxLine extends AccessLine {
  readonly uri: string
  /** The addresses that it tried; empty when it tried none. */
  readonly tried: readonly string[]
}

/** The access log of an nginx with `nginxBase`, without requests that carry no id. */
export const nginxLines = (dir: string): NginxLine[] => linesOf(join(dir, accessLog)).flatMap(nginxLine)

function nginxLine(line: string): NginxLine[] {
  const { id, uri, status, tried, endMs, seconds } = JSON.parse(line) as Record<
    'id' | 'uri' | 'tried' | 'endMs',
    string
  > & { status: number; seconds: number }
  if (id === '') return []
  const tookMs = Math.round(seconds * 1000)
  const addresses = tried === '' ? [] : tried.split(', ')
  return [{ id, uri, status, tried: addresses, atMs: Number(endMs) * 1000 - tookMs, tookMs }]
}

/** `2026/11/29 21:30:34 [error] 12#12: *7 what went wrong, client: ..., request: "GET /?a=b HTTP/1.1", ...` */
function nginxError(line: string): [uri: string, text: string][] {
  const [, text, uri] = /\*\d+ (.+?), client: .*request: "\S+ (\S+) /.exec(line) ?? []
  return text === undefined || uri === undefined ? [] : [[uri, text]]
}
