/** HAProxy as a balancer: retries with redispatch, health checks, cookies, reused connections. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { linesOf } from '../run/lines.ts'
import type { Balancer, BalancerLine, BalancerSetting } from './balancer.ts'
import { servedByHeader } from './nginx.ts'

/** The name of the cookie that binds users to nodes; its value is the node's name. */
export const stickyCookie = 'SERVERID'

export const haproxy: Balancer = {
  program: 'haproxy',
  debianPackage: 'haproxy',
  prepare(setting) {
    const config = join(setting.dir, 'haproxy.cfg')
    writeFileSync(config, haproxyConfig(setting))
    return { command: 'haproxy', args: ['-db', '-f', config] }
  },
  // Its standard output.
  read: (dir) => linesOf(join(dir, 'output')).flatMap(haproxyLine),
}

function haproxyConfig({ plan, host, port, nodes }: BalancerSetting): string {
  const { timeoutMs, retry = false, keepAlive = false, health = false, cookie = false } = plan
  const check = health ? ' check inter 1s fastinter 500ms fall 2 rise 2' : ''
  const server = ({ name, address }: { name: string; address: string }) =>
    `server ${name} ${address}${check}${cookie ? ` cookie ${name}` : ''}`
  return `
global
  log stdout format raw local0
defaults
  mode http
  log global
  option dontlognull
  retries ${retry ? 2 : 0}
  ${retry ? 'option redispatch 1' : 'no option redispatch'}
  ${retry ? 'retry-on conn-failure empty-response' : ''}
  timeout connect 2s
  timeout client 60s
  timeout http-keep-alive 20s
  timeout check 1s
  timeout server ${timeoutMs}ms
frontend farm
  bind ${host}:${port}
  http-request capture req.hdr(X-Farmprobe-Id) len 64
  http-after-response set-header ${servedByHeader} %s
  log-format "join %[capture.req.hdr(0)] %ST %s %ts %Ta %[date(0,ms)] %rc"
  default_backend nodes
backend nodes
  balance roundrobin
  ${keepAlive ? 'http-reuse always' : 'option http-server-close\n  http-reuse never'}
  ${health ? 'option httpchk GET /' : ''}
  ${cookie ? `cookie ${stickyCookie} insert indirect nocache` : ''}
  ${nodes.map(server).join('\n  ')}
`
}

/** Termination states that mean an error. */
const states: Readonly<Record<string, string>> = {
  SC: 'the connection was refused, or no node was in rotation',
  SH: 'the node closed or broke the connection before its answer',
  SD: 'the node broke the connection in its answer',
  sH: 'the node did not answer in time',
  sC: 'the node did not accept the connection in time',
  sD: 'the node stopped in its answer',
  sQ: 'no node was free in time',
  CD: 'the client went away',
  CH: 'the client went away while it waited',
}

function haproxyLine(line: string): BalancerLine[] {
  const [mark, id = '-', status, server = '', state = '', tookMs, endMs, retries = ''] = line.split(' ')
  if (mark !== 'join' || id === '-') return []
  const tried = server === '<NOSRV>' ? [] : [server]
  const said = states[state]
  const error =
    said === undefined ? '' : `${state}: ${said}${Number(retries) > 0 ? `, ${retries} retries` : ''}`
  return [
    {
      id,
      atMs: Number(endMs) - Number(tookMs),
      tookMs: Number(tookMs),
      status: Number(status),
      tried,
      error,
    },
  ]
}
