import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { Web } from '../../src/web/web_server.ts'
import { sampleFarm } from '../support/farms/sample_farm.ts'
import { readStrictly } from '../support/rules/strict_exposition.ts'
import { endlessMetrics, loopbackWeb } from '../support/web/loopback_web.ts'

const loopback = '127.0.0.1'

async function dial({ port }: Web): Promise<Socket> {
  const socket = connect(port, loopback)
  await once(socket, 'connect')
  return socket
}

/** Sends raw bytes, and reads until the server ends the connection. */
async function exchange(web: Web, bytes: string): Promise<string> {
  const socket = await dial(web)
  socket.write(bytes)
  return text(socket)
}

describe('on a socket', () => {
  test('says where it is, and answers there', async () => {
    const web = await loopbackWeb()
    expect(web.url).toBe(`http://127.0.0.1:${web.port}`)
    const response = await fetch(`${web.url}/-/healthy`)
    expect([response.status, await response.text()]).toEqual([200, 'farmprobe is healthy.\n'])
  })

  test('sends thousands of series whole, compressed or not', async () => {
    const metrics = createMetrics({ clock: systemClock, version: '1.2.3' })
    const nodes = Array.from({ length: 50 }, (_, i) => `web${i}`)
    metrics.setFarms([sampleFarm({}, nodes)])
    const web = await loopbackWeb({ ports: { render: metrics.render } })
    for (const encoding of ['identity', 'gzip']) {
      const response = await fetch(`${web.url}/metrics`, { headers: { 'Accept-Encoding': encoding } })
      const families = readStrictly(await response.text(), 'text')
      expect(families.get('farmprobe_up')?.samples).toHaveLength(51)
    }
    const raw = await exchange(web, rawRequest('GET', '/metrics', 'Accept-Encoding: gzip'))
    expect(raw).toMatch(/^content-encoding: gzip\r$/im)
  })

  test('answers HEAD without a body', async () => {
    const answer = await exchange(await loopbackWeb(), rawRequest('HEAD', '/metrics'))
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer).toMatch(/\r\n\r\n$/)
  })

  test('a client that goes away in the middle of the metrics ends their making', async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const web = await loopbackWeb({ ports: endlessMetrics(resolve) })
    const socket = await dial(web)
    socket.write(rawRequest('GET', '/metrics', 'Accept-Encoding: gzip'))
    await once(socket, 'data')
    socket.destroy()
    await expect(ended).resolves.toBeUndefined()
  })
})

function rawRequest(method: string, path: string, ...headers: string[]): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers]
  return `${lines.join('\r\n')}\r\n\r\n`
}

describe('what is not a proper request', () => {
  test.each([
    ['is not HTTP', 'hello\r\n\r\n', '400 Bad Request'],
    ['names no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', '400 Bad Request'],
    [
      'names an impossible host',
      'GET / HTTP/1.1\r\nHost: a b/\r\nConnection: close\r\n\r\n',
      '400 Bad Request',
    ],
    [
      'has endless headers',
      rawRequest('GET', '/', `X-Long: ${'x'.repeat(20_000)}`),
      '431 Request Header Fields',
    ],
  ])('because it %s is refused, with the security headers', async (_why, bytes, status) => {
    const answer = await exchange(await loopbackWeb(), bytes)
    expect(answer.startsWith(`HTTP/1.1 ${status}`)).toBe(true)
    expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff')
  })
})

describe('closing', () => {
  test('ends a kept connection and a stalled request at once', async () => {
    const web = await loopbackWeb()
    const [kept, stalled] = [await dial(web), await dial(web)]
    kept.write('GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n')
    stalled.write('GET / HTTP/1.1\r\nHost: loc')
    await once(kept, 'data')
    const ended = [once(kept, 'close'), once(stalled, 'close')]
    stalled.on('error', () => undefined)
    kept.resume()
    stalled.resume()
    await web.close()
    await Promise.all(ended)
    await expect(fetch(web.url)).rejects.toThrow('fetch failed')
  })
})

describe('an address that cannot be had', () => {
  test('because another process listens there is named', async () => {
    const other = createServer().listen(0, loopback)
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await expect(loopbackWeb({ port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port} (web.listen): another process listens there; stop it or choose another port`,
    )
    other.close()
  })

  test('because it is of another machine is named', async () => {
    await expect(loopbackWeb({ host: '192.0.2.1' })).rejects.toThrow(
      'cannot listen on 192.0.2.1:0 (web.listen): this machine has no such address; 0.0.0.0 stands for all it has',
    )
  })
})
