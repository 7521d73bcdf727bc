import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { BalancerError } from '../../src/model/event.ts'
import type { Incident } from '../../src/model/incident.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { eventually } from '../support/eventually.ts'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { startNginx } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { shopConfig } from '../support/processes/real_farm.ts'
import { total } from '../support/rules/exposition.ts'
import { startHttpServer } from '../support/servers/http_server.ts'

const cause = 'stale_connection'

/** A node that breaks off a connection on which no request came for this long, just as the next one arrives. */
const keepAliveMs = 1000

function startForgetfulNode() {
  const answeredMs = new WeakMap<Socket, number>()
  return startHttpServer(({ socket }, response) => {
    const lastMs = answeredMs.get(socket)
    if (lastMs !== undefined && systemClock.monotonicMs() - lastMs > keepAliveMs)
      return socket.resetAndDestroy()
    answeredMs.set(socket, systemClock.monotonicMs())
    return response.end('fine')
  })
}

suiteWith('nginx')('nodes behind nginx that close idle connections sooner than nginx does', () => {
  test('its 502s are told as connections used again, not as a fault of a node', {
    timeout: 90_000,
  }, async () => {
    await using web01 = await startForgetfulNode()
    await using web02 = await startForgetfulNode()
    const nodes = [web01, web02].map(({ port }, at) => ({
      name: `web0${at + 1}`,
      address: `127.0.0.1:${port}`,
    }))
    const addresses = nodes.map(({ address }) => address)
    await using nginx = await startNginx({ nodes: addresses, timeoutMs: 2000, keepalive: true })
    const check = { interval: '3s', timeout: '5s' }
    await using farmprobe = await startFarmprobe(shopConfig({ balancer: nginx.address, nodes, check }))
    const told = async () => {
      const { text } = await farmprobe.get('/api/v1/events?kind=balancer_error')
      return (JSON.parse(text) as { events: (BalancerError & { sentence: string })[] }).events
    }
    const isStale = (event: BalancerError) => event.cause === cause
    const enough = (all: BalancerError[]) => all.filter(isStale).length >= 4
    const events = await eventually('connections used again', told, enough, 60_000)
    const errors = (await nginx.log()).filter(({ status }) => status === 502)
    // Direct probes open their own connections: every node was fine all the while.
    const metrics = await farmprobe.metrics()
    expect(total(metrics, 'farmprobe_outages_total', { role: 'node' })).toBe(0)
    expect(errors.every(({ tookMs }) => tookMs < 200)).toBe(true)
    // Two may be anybody's; from the third on they are a habit.
    expect(events.filter((event) => !isStale(event)).length).toBeLessThanOrEqual(3)
    expect(events.find(isStale)?.sentence).toContain(
      'the balancer probably used a connection again that a node had closed',
    )
    expect(total(metrics, 'farmprobe_balancer_errors_attributed_total', { cause })).toBeGreaterThanOrEqual(3)
    const { text } = await farmprobe.get('/api/v1/incidents')
    const [incident] = (JSON.parse(text) as { incidents: Incident[] }).incidents
    expect(incident).toMatchObject({ impact: 'users', node: 'balancer', cause, runbook: 'StaleConnections' })
  })
})
