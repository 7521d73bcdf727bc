/** What real balancers answer when the server behind them does not, and what farmprobe makes of it. */
import { expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { freePort } from '../support/loopback_port.ts'
import { probeOnce } from '../support/probing.ts'
import { type Play, say, startRawServer } from '../support/raw_server.ts'
import { startApache } from '../support/real_apache.ts'
import {
  type BalancerOptions,
  type RealBalancer,
  startHaproxy,
  startNginx,
} from '../support/real_balancer.ts'
import { suiteWith } from '../support/real_binaries.ts'

type Start = (options: BalancerOptions) => Promise<Pick<RealBalancer, 'address' | typeof Symbol.asyncDispose>>

/** What a probe of the balancer yields while the server behind it plays this; undefined: nobody listens there. */
async function throughBalancer(start: Start, play: Play | undefined): Promise<Outcome> {
  await using server = await startRawServer(play ?? say(''))
  const node = `127.0.0.1:${play === undefined ? await freePort() : server.port}`
  await using balancer = await start({ nodes: [node], timeoutMs: 500 })
  return await probeOnce({ port: Number(balancer.address.split(':')[1]) })
}

const stays: Play = () => {}

const upstreamWords =
  'its upstreams refused the connection, broke it off, answered what is not valid, or none is left'

const nginx: readonly (readonly [does: string, play: Play | undefined, status: number, tells: string])[] = [
  ['refuses', undefined, 502, `nginx: ${upstreamWords}`],
  ['closes', say(''), 502, `nginx: ${upstreamWords}`],
  ['resets', (socket) => socket.resetAndDestroy(), 502, `nginx: ${upstreamWords}`],
  ['is silent', stays, 504, 'nginx: its upstream did not answer in time'],
]

const brokeOff = 'HAProxy: a server broke off the connection, or answered what is not valid'

const haproxy: typeof nginx = [
  ['refuses', undefined, 503, 'HAProxy: no server is up, or none took the connection'],
  ['closes', say(''), 502, brokeOff],
  ['answers what is no HTTP', say('garbage\r\n\r\n'), 502, brokeOff],
  ['is silent', stays, 504, 'HAProxy: a server did not answer in time'],
]

const apacheFailed =
  'Apache httpd: the server broke off the connection, did not answer in time, or answered what is not valid'

const apache: typeof nginx = [
  [
    'refuses',
    undefined,
    503,
    'Apache httpd: no connection to the server, or it is left out for a while after it failed',
  ],
  ['closes', say(''), 502, apacheFailed],
  ['is silent', stays, 502, apacheFailed],
]

suiteWith('nginx')('nginx, when the server behind it', () => {
  test.each(nginx)('%s', async (_does, play, status, tells) => {
    expect(await throughBalancer(startNginx, play)).toMatchObject({ status, origin: 'nginx', tells })
  })
})

suiteWith('haproxy')('HAProxy, when the server behind it', () => {
  test.each(haproxy)('%s', async (_does, play, status, tells) => {
    expect(await throughBalancer(startHaproxy, play)).toMatchObject({ status, origin: 'haproxy', tells })
  })
})

suiteWith('apache2')('Apache httpd, when the server behind it', () => {
  test.each(apache)('%s', async (_does, play, status, tells) => {
    expect(await throughBalancer(startApache, play)).toMatchObject({ status, origin: 'apache-httpd', tells })
  })
})
