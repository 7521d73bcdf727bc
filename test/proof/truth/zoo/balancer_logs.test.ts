/** Reads log files as the products write them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { balancers } from '../../../../proof/truth/zoo/balancers/balancer.ts'
import { type TempDir, tempDir } from '../../../support/temp_dir.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await tempDir()
})
afterEach(() => dir[Symbol.asyncDispose]())

/** `rest`: status, end, seconds and the tried addresses. */
const nginxLine = (id: string, uri: string, rest: string) =>
  `{"id":"${id}","uri":"${uri}","status":${rest.split(' ')[0]},"tried":"${rest.split(' ').slice(3).join(' ')}","endMs":"${rest.split(' ')[1]}","seconds":${rest.split(' ')[2]}}\n`

describe('the log of nginx', () => {
  it('has the tried nodes, and the error log entry of the same request', async () => {
    await dir.write(
      'access.log',
      nginxLine('a', '/?_=1', '504 1795990163.737 1.503 127.0.0.2:80') +
        nginxLine('b', '/?_=2', '200 1795990164.000 0.010 127.0.0.2:80, 127.0.0.3:80') +
        nginxLine('', '/', '200 1795990165.000 0.001 127.0.0.2:80') +
        '{"id":"half',
    )
    await dir.write(
      'error.log',
      '2026/11/29 22:09:23 [error] 12#12: *7 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 127.0.0.1, server: , request: "GET /?_=1 HTTP/1.1", upstream: "http://127.0.0.2:80/?_=1", host: "a.test"\n',
    )
    expect(balancers.nginx.read(dir.path)).toEqual([
      {
        id: 'a',
        status: 504,
        tried: ['127.0.0.2:80'],
        atMs: 1795990162234,
        tookMs: 1503,
        error: 'upstream timed out (110: Connection timed out) while reading response header from upstream',
      },
      {
        id: 'b',
        status: 200,
        tried: ['127.0.0.2:80', '127.0.0.3:80'],
        atMs: 1795990163990,
        tookMs: 10,
        error: '',
      },
    ])
  })
})

describe('the log of HAProxy', () => {
  it('has the time of each request, not of its connection, and the error in words', async () => {
    await dir.write(
      'output',
      [
        '[NOTICE]   (1) : New worker (2) forked',
        'join a 504 web02 sH 5003 1795990168000 0',
        'join b 503 <NOSRV> SC 2 1795990168010 2',
        'join c 200 web01 -- 7 1795990168100 0',
        'join - 200 web01 -- 7 1795990168100 0',
        'join d 200 web',
      ].join('\n'),
    )
    expect(balancers.haproxy.read(dir.path)).toEqual([
      {
        id: 'a',
        status: 504,
        tried: ['web02'],
        atMs: 1795990162997,
        tookMs: 5003,
        error: 'sH: the node did not answer in time',
      },
      {
        id: 'b',
        status: 503,
        tried: [],
        atMs: 1795990168008,
        tookMs: 2,
        error: 'SC: the connection was refused, or no node was in rotation, 2 retries',
      },
      { id: 'c', status: 200, tried: ['web01'], atMs: 1795990168093, tookMs: 7, error: '' },
    ])
  })
})

describe('the log of Apache', () => {
  it('has the tried member, and the error log entry of the same request', async () => {
    await dir.write(
      'access.log',
      'join a 502 http://127.0.0.2:8080 1795990168000 10092\njoin b 503 - 1795990168500 1\njoin - 200 http://127.0.0.2:8080 1795990168500 1\n',
    )
    await dir.write(
      'error.log',
      'a AH01102: error reading status line from remote server 127.0.0.2:8080\n- AH00094: Command line\n',
    )
    expect(balancers.apache.read(dir.path)).toEqual([
      {
        id: 'a',
        status: 502,
        tried: ['127.0.0.2:8080'],
        atMs: 1795990168000,
        tookMs: 10092,
        error: 'AH01102: error reading status line from remote server 127.0.0.2:8080',
      },
      { id: 'b', status: 503, tried: [], atMs: 1795990168500, tookMs: 1, error: '' },
    ])
  })
})
