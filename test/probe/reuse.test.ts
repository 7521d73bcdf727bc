import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { Order } from '../../src/model/outcome.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { never, orderFor, startProber } from '../support/probes/probe_once.ts'
import {
  answerBytes,
  type Play,
  type RawServer,
  sayAndStay,
  startRawServer,
} from '../support/servers/raw_server.ts'

const reusing = ({ port }: RawServer, target = {}): Order =>
  orderFor({ port, check: { connection: 'reuse', timeoutMs: 500 }, target })

/** A server that remembers its sockets, so that a test can act on an idle one. */
async function startRemembering(play: Play = sayAndStay(answerBytes())) {
  const sockets: Socket[] = []
  const server = await startRawServer(play, { greet: (socket) => void sockets.push(socket) })
  return { server, sockets, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a kept connection carries one request after the other', async () => {
  await using server = await startRawServer(sayAndStay(answerBytes()))
  const prober = startProber()
  const order = reusing(server)
  const outcomes = [
    await prober.probe(order, never),
    await prober.probe(order, never),
    await prober.probe(order, never),
  ]
  expect(outcomes.map(({ reason }) => reason)).toEqual(['ok', 'ok', 'ok'])
  expect(outcomes.map(({ phaseMs }) => Object.keys(phaseMs)[0])).toEqual(['connect', 'request', 'request'])
  expect(outcomes.map(({ address }) => address)).toEqual(Array(3).fill(`127.0.0.1:${server.port}`))
  expect(server).toMatchObject({ connections: 1, requests: { length: 3 } })
  expect(server.requests[0]).toContain('\r\nConnection: keep-alive\r\n')
  await prober.close()
  await server.deserted()
})

test('a fresh check asks for the close and never keeps a connection', async () => {
  await using server = await startRawServer(sayAndStay(answerBytes()))
  const prober = startProber()
  const order = orderFor({ port: server.port })
  await prober.probe(order, never)
  await prober.probe(order, never)
  expect(server).toMatchObject({ connections: 2, requests: { length: 2 } })
  expect(server.requests[0]).toContain('\r\nConnection: close\r\n')
  await server.deserted()
})

test('a connection that the peer closed while it was idle is not used', async () => {
  await using remembering = await startRemembering()
  const { server, sockets } = remembering
  const prober = startProber()
  await prober.probe(reusing(server), never)
  sockets[0]?.end()
  await once(sockets[0] as Socket, 'close')
  const outcome = await prober.probe(reusing(server), never)
  expect(outcome.reason).toBe('ok')
  expect(server).toMatchObject({ connections: 2, requests: { length: 2 } })
  await prober.close()
})

test('a close that arrives with the slot itself is still seen before the request is sent', async () => {
  await using remembering = await startRemembering()
  const { server, sockets } = remembering
  const prober = startProber()
  const order = reusing(server)
  await prober.probe(order, never)
  // The close is on its way to us when the probe starts, in the same turn of the event loop.
  sockets[0]?.resetAndDestroy()
  const outcome = await prober.probe(order, never)
  expect(outcome.reason).toBe('ok')
  await prober.close()
})

test('a second answer to one request is no valid one, and its connection is not kept', async () => {
  await using server = await startRawServer(sayAndStay(Buffer.concat([answerBytes(), answerBytes('again')])))
  const prober = startProber()
  const outcome = await prober.probe(reusing(server), never)
  expect(outcome).toMatchObject({ reason: 'protocol', status: 200 })
  expect(outcome.detail).toMatch(/more data follows its end/)
  await server.deserted()
})

test('a connection on which the peer spoke while it was idle is not used', async () => {
  await using remembering = await startRemembering()
  const { server, sockets } = remembering
  const prober = startProber()
  await prober.probe(reusing(server), never)
  sockets[0]?.write(answerBytes('a second answer'))
  await once(sockets[0] as Socket, 'close')
  const outcome = await prober.probe(reusing(server), never)
  expect(outcome).toMatchObject({ reason: 'ok', bodyBytes: 7 })
  expect(server.connections).toBe(2)
  await prober.close()
})

test('a kept connection that fails under the request is the outcome: nothing is tried again', async () => {
  await using server = await startRawServer((socket, _request, index) => {
    if (index === 0) socket.write(answerBytes())
    else socket.resetAndDestroy()
  })
  const prober = startProber()
  const order = reusing(server)
  await prober.probe(order, never)
  const outcome = await prober.probe(order, never)
  expect(outcome.reason).toBe('reset')
  expect(Object.keys(outcome.phaseMs)).toEqual(['request', 'wait'])
  expect(server).toMatchObject({ connections: 1, requests: { length: 2 } })
})

test('when the kept connection is busy, an overlapping probe opens its own', async () => {
  const waiting: Socket[] = []
  await using server = await startRawServer((socket) => {
    waiting.push(socket)
    if (waiting.length === 2) for (const each of waiting) each.write(answerBytes())
  })
  const prober = startProber()
  const order = reusing(server)
  const outcomes = await Promise.all([prober.probe(order, never), prober.probe(order, never)])
  expect(outcomes.map(({ reason }) => reason)).toEqual(['ok', 'ok'])
  expect(server.connections).toBe(2)
  await prober.close()
  await server.deserted()
})

test.each([
  ['the answer says close', answerBytes('', ['Connection: close'])],
  ['the answer is HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['the peer promises no time', answerBytes('', ['Keep-Alive: timeout=1'])],
])('a connection is not used again when %s', async (_why, bytes) => {
  await using server = await startRawServer(sayAndStay(bytes))
  const prober = startProber()
  const order = reusing(server)
  await prober.probe(order, never)
  await prober.probe(order, never)
  expect(server.connections).toBe(2)
  await prober.close()
})

test('a connection is used until a second before the peer closes it, as it has promised', async () => {
  await using server = await startRawServer(sayAndStay(answerBytes('', ['Keep-Alive: timeout=5, max=100'])))
  let laterMs = 0
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + laterMs }
  const prober = startProber({ clock })
  const order = reusing(server)
  await prober.probe(order, never)
  laterMs = 3000
  await prober.probe(order, never)
  expect(server.connections).toBe(1)
  laterMs += 4000
  expect((await prober.probe(order, never)).reason).toBe('ok')
  expect(server.connections).toBe(2)
  await prober.close()
})

test('connections of targets that left the plan are closed, the others kept', async () => {
  await using staying = await startRawServer(sayAndStay(answerBytes()))
  await using leaving = await startRawServer(sayAndStay(answerBytes()))
  const prober = startProber()
  const stays = reusing(staying, { name: 'web01', role: 'node' })
  const leaves = reusing(leaving, { name: 'web02', role: 'node' })
  await prober.probe(stays, never)
  await prober.probe(leaves, never)
  // A reload hands over equal farms, not the same ones.
  prober.retain([structuredClone(stays.farm)])
  await leaving.deserted()
  expect(staying.open).toBe(1)
  await prober.probe(structuredClone(stays), never)
  expect(staying.connections).toBe(1)
  await prober.close()
  await staying.deserted()
})
