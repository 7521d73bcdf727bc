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
import { startProcess } from '../support/processes/real_process.ts'
import { total } from '../support/rules/exposition.ts'
import { startHttpServer } from '../support/servers/http_server.ts'
import { freePort } from '../support/servers/loopback_port.ts'

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

/** The balancer asks each of two nodes at every second slot; they give a connection up just before. */
const race = { intervalMs: 1200, keepAliveMs: 2330 }

/**
 * A plain server of Node's that computes half of the time, for 150 ms in one go and not in a timer, as one does that renders
 * pages. When meanwhile a connection's time runs out and the next request arrives on it, the server sees to its timers first.
 */
async function startBusyNode() {
  const port = await freePort()
  const program = `
    const server = require('node:http').createServer((_request, response) => response.end('fine'))
    Object.assign(server, { keepAliveTimeout: ${race.keepAliveMs}, keepAliveTimeoutBuffer: 0 }).listen(${port}, '127.0.0.1')
    const compute = () => {
      for (const end = Date.now() + 150; Date.now() < end; );
      setTimeout(setImmediate, 50 + 200 * Math.random(), compute)
    }
    compute()`
  const running = await startProcess({ command: process.execPath, args: ['-e', program], port })
  return { port, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
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

  test('the race itself: requests that arrive as a busy node gives an idle connection up', {
    timeout: 200_000,
  }, async () => {
    await using web01 = await startBusyNode()
    await using web02 = await startBusyNode()
    const nodes = [web01, web02].map(({ port }, at) => ({
      name: `web0${at + 1}`,
      address: `127.0.0.1:${port}`,
    }))
    const addresses = nodes.map(({ address }) => address)
    await using nginx = await startNginx({ nodes: addresses, timeoutMs: 2000, keepalive: true })
    const check = { interval: `${race.intervalMs}ms`, timeout: '5s' }
    await using farmprobe = await startFarmprobe(shopConfig({ balancer: nginx.address, nodes, check }))
    const stale = async () =>
      total(await farmprobe.metrics(), 'farmprobe_balancer_errors_attributed_total', { cause })
    await eventually('connections used again', stale, (count) => count >= 2, 180_000)
    const lost = (await nginx.log()).filter(({ status }) => status === 502)
    expect(lost.length).toBeGreaterThan(2)
    const metrics = await farmprobe.metrics()
    expect(total(metrics, 'farmprobe_outages_total', { role: 'node' })).toBe(0)
    expect(total(metrics, 'farmprobe_balancer_errors_attributed_total', { cause: 'node_down' })).toBe(0)
  })
})
