import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLive, type Live } from '../../../src/web/live/live.ts'
import type { Web } from '../../../src/web/web_server.ts'
import { eventually } from '../../support/eventually.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'
import { loopbackWeb } from '../../support/web/loopback_web.ts'
import { sampleApp } from '../../support/web/sample_web.ts'

async function start(): Promise<{ web: Web; live: Live }> {
  const live = createLive(systemClock)
  return { web: await loopbackWeb({ ports: { live } }), live }
}

/** Reads until the text matches. */
async function readUntil(body: ReadableStream<Uint8Array>, pattern: RegExp): Promise<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!pattern.test(text)) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`the stream ended: ${text}`)
    text += value
  }
  await reader.cancel()
  return text
}

test('the stream begins with what to do first, then tells what happens', async () => {
  const { web, live } = await start()
  const response = await fetch(`${web.url}/api/v1/stream`)
  expect(response.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8')
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  live.observe(sampleOutcome({ target: 'web07' }))
  const text = await readUntil(response.body as ReadableStream<Uint8Array>, /web07/)
  expect(text).toMatch(/^retry: 1000\n\nevent: start\nid: \S+\ndata: .*\n\nevent: batch\nid: \S+\ndata: /)
})

test('a client that goes away is forgotten at once', async () => {
  const { web, live } = await start()
  const leaving = new AbortController()
  await fetch(`${web.url}/api/v1/stream`, { signal: leaving.signal })
  expect(live.broadcast.count()).toBe(1)
  leaving.abort()
  await eventually(
    'the client being forgotten',
    () => live.broadcast.count(),
    (count) => count === 0,
  )
})

test('a client that reads nothing is dropped, and does not fill the memory', async () => {
  const { web, live } = await start()
  const socket = connect(web.port, '127.0.0.1')
  socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'readable')
  const detail = 'x'.repeat(100_000)
  await eventually(
    'the client being dropped',
    () => {
      for (let index = 0; index < 50; index++) live.observe(sampleOutcome({ reason: 'refused', detail }))
      return live.broadcast.count()
    },
    (count) => count === 0,
  )
  socket.resume()
  await expect(once(socket, 'close')).resolves.toBeDefined()
})

test('more clients than can be served are told to come later', async () => {
  const live = createLive(systemClock)
  const app = sampleApp({ live })
  for (let index = 0; index < 200; index++) await app.request('/api/v1/stream')
  const response = await app.request('/api/v1/stream')
  expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '10'])
  live.broadcast.close()
})
