import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { probeOnce } from '../support/probes/probe_once.ts'
import { answerBytes, type Play, startRawServer } from '../support/servers/raw_server.ts'

/** Long against what a loopback round trip takes on a busy machine, short against the patience of whoever waits. */
const pauseMs = 150
const enough = pauseMs - 5

/** Writes pieces with a pause between each two, then closes. */
function piecemeal(...pieces: readonly (string | Buffer)[]): Play {
  return (socket) => {
    void (async () => {
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await delay(pauseMs)
        socket.write(piece)
      }
      socket.end()
    })()
  }
}

async function probing(play: Play): Promise<Outcome> {
  await using server = await startRawServer(play)
  return await probeOnce({ port: server.port })
}

const okHead = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'
const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'

test('wait lasts until the first byte of the answer', async () => {
  const { phaseMs, firstByteMs } = await probing(piecemeal('', `${okHead}Welcome`))
  expect(phaseMs.wait).toBeGreaterThan(enough)
  expect(firstByteMs).toBe(phaseMs.wait)
  expect(phaseMs.transfer).toBeLessThan(enough)
})

test('early hints do not end the wait', async () => {
  const { phaseMs } = await probing(piecemeal(hints, `${okHead}Welcome`))
  expect(phaseMs.wait).toBeGreaterThan(enough)
  expect(phaseMs.transfer).toBeLessThan(enough)
})

test('100 Continue, which was not asked for, does not end the wait', async () => {
  const { phaseMs, reason } = await probing(piecemeal('HTTP/1.1 100 Continue\r\n\r\n', `${okHead}Welcome`))
  expect(reason).toBe('ok')
  expect(phaseMs.wait).toBeGreaterThan(enough)
})

test('early hints in the same segment as the answer are seen through', async () => {
  const { phaseMs, reason, status } = await probing(piecemeal('', `${hints}${hints}${okHead}Welcome`))
  expect({ reason, status }).toEqual({ reason: 'ok', status: 200 })
  expect(phaseMs.wait).toBeGreaterThan(enough)
})

test('the first byte of the final status line counts, however slowly the rest of the head comes', async () => {
  const { phaseMs } = await probing(
    piecemeal(`${hints}H`, 'TTP/1.1 200 OK\r\nContent-Len', 'gth: 7\r\n\r\nWelcome'),
  )
  expect(phaseMs.wait).toBeLessThan(enough)
  expect(phaseMs.transfer).toBeGreaterThan(2 * enough)
})

test('headers flushed early end the wait; the slow body is transfer', async () => {
  const { phaseMs, firstByteMs } = await probing(piecemeal(okHead, 'Welcome'))
  expect(firstByteMs).toBeLessThan(enough)
  expect(phaseMs.transfer).toBeGreaterThan(enough)
})

test('a close that trails the last byte of the body costs nothing', async () => {
  const { phaseMs, totalMs } = await probing(piecemeal(`${okHead}Welcome`, ''))
  expect(phaseMs.transfer).toBeLessThan(enough)
  expect(totalMs).toBeLessThan(enough)
})

test('without a length, only the close ends the body', async () => {
  const { phaseMs, bodyBytes } = await probing(piecemeal('HTTP/1.1 200 OK\r\n\r\nWelcome', ''))
  expect(bodyBytes).toBe(7)
  expect(phaseMs.transfer).toBeGreaterThan(enough)
})

test('a request that the peer is slow to take is request, not wait', async () => {
  // Far more than the buffers of both kernels hold.
  const body = 'x'.repeat(16 * 1024 * 1024)
  await using server = await startRawServer((socket) => void socket.end(answerBytes()), {
    greet(socket) {
      socket.pause()
      setTimeout(() => socket.resume(), pauseMs)
    },
  })
  const { phaseMs, reason } = await probeOnce({ port: server.port, check: { method: 'POST', body } })
  expect(reason).toBe('ok')
  expect(phaseMs.request).toBeGreaterThan(enough)
})

test('an answer that comes before the whole request is sent waits for nothing', async () => {
  const body = 'x'.repeat(16 * 1024 * 1024)
  await using server = await startRawServer(() => {}, {
    greet(socket) {
      socket.pause()
      socket.write(answerBytes('too big', ['Connection: close'], '413 Content Too Large'))
    },
  })
  const outcome = await probeOnce({ port: server.port, check: { method: 'POST', body } })
  expect(outcome).toMatchObject({ reason: 'status', status: 413, phaseMs: { wait: 0 }, firstByteMs: 0 })
})

test('a name is resolved for every probe, and that takes its own phase', async () => {
  await using server = await startRawServer((socket) => void socket.end(answerBytes()))
  const asked: string[] = []
  const resolve = async (host: string) => {
    asked.push(host)
    await delay(pauseMs)
    return [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]
  }
  const outcome = await probeOnce({ port: server.port, target: { host: 'web01.test' } }, { resolve })
  expect(asked).toEqual(['web01.test'])
  expect(outcome.address).toBe(`127.0.0.1:${server.port}`)
  expect(outcome.phaseMs.resolve).toBeGreaterThan(enough)
  expect(Object.keys(outcome.phaseMs)).toEqual(['resolve', 'connect', 'request', 'wait', 'transfer'])
})

test('the system finds localhost in its hosts file', async () => {
  await using server = await startRawServer((socket) => void socket.end(answerBytes()))
  const outcome = await probeOnce({ port: server.port, target: { host: 'localhost' } })
  // ::1 comes first on some machines, and is the one address tried there.
  expect(['ok', 'refused']).toContain(outcome.reason)
  expect(outcome.phaseMs.resolve).toBeGreaterThanOrEqual(0)
})

test('IPv6 addresses are written in brackets', async () => {
  await using server = await startRawServer((socket) => void socket.end(answerBytes()), { host: '::1' })
  const outcome = await probeOnce({ port: server.port, target: { host: '::1' } })
  expect(outcome).toMatchObject({ reason: 'ok', address: `[::1]:${server.port}` })
})

test('times add up, and what was not reached is absent', async () => {
  const outcome = await probing(piecemeal(okHead, 'Welcome'))
  const sum = Object.values(outcome.phaseMs).reduce((total, ms) => total + ms, 0)
  expect(Object.keys(outcome.phaseMs)).toEqual(['connect', 'request', 'wait', 'transfer'])
  expect(sum).toBeLessThanOrEqual(outcome.totalMs + 1e-6)
  expect(sum).toBeGreaterThan(enough)
})
