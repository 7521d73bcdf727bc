import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import type { Limits } from '../../src/web/guard/standard_limits.ts'
import type { Ports } from '../../src/web/web_ports.ts'
import type { Web } from '../../src/web/web_server.ts'
import { eventually } from '../support/eventually.ts'
import { type RudeClient, requestBytes, rudeClient } from '../support/servers/rude_client.ts'
import { endlessMetrics, loopbackWeb } from '../support/web/loopback_web.ts'

const keptOut: string[] = []
const clients: RudeClient[] = []
afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  keptOut.length = 0
})

const start = (limits: Partial<Limits> = {}, ports: Partial<Ports> = {}): Promise<Web> =>
  loopbackWeb({
    limits,
    onRejection: (why) => keptOut.push(why),
    ports: { reload: () => Promise.resolve(true), ...ports },
  })

async function rude(web: Web, from?: string): Promise<RudeClient> {
  const client = await rudeClient(web.port, from)
  clients.push(client)
  return client
}

const quick: Partial<Limits> = { headersMs: 200, requestMs: 400, checkEveryMs: 20 }

describe('a client that takes its time', () => {
  test('and says nothing at all is ended', async () => {
    const client = await rude(await start(quick))
    await client.ended
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('with its headers, a byte now and then, is ended', async () => {
    const client = await rude(await start(quick))
    client.socket.write('GET /metrics HTTP/1.1\r\nX-Slow: ')
    const drip = setInterval(() => client.socket.write('x'), 20)
    await client.ended
    clearInterval(drip)
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('with its body is ended', async () => {
    const client = await rude(await start(quick))
    client.socket.write(requestBytes('/-/reload', ['Content-Length: 1000'], 'POST'))
    const drip = setInterval(() => client.socket.write('x'), 20)
    await client.ended
    clearInterval(drip)
    expect(client.socket.destroyed).toBe(true)
  })

  test('between two requests is ended', async () => {
    const client = await rude(await start({ idleMs: 50 }))
    client.socket.write(requestBytes('/-/healthy'))
    await client.ended
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('and takes nothing of its answer is ended, and so is the making of it', async () => {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const web = await start({ stalledMs: 200 }, endlessMetrics(resolve))
    const client = await rude(web)
    client.socket.pause()
    client.socket.write(requestBytes('/metrics'))
    await expect(over).resolves.toBeUndefined()
  })
})

describe('a body that nobody wants', () => {
  test.each([
    ['GET', '/metrics'],
    ['GET', '/nothing'],
    ['POST', '/-/reload'],
    ['PUT', '/'],
  ])('of a gigabyte, with %s %s, is refused before it comes', async (method, path) => {
    const client = await rude(await start())
    client.socket.write(requestBytes(path, ['Content-Length: 1073741824'], method))
    await client.ended
    expect(client.received()).toMatch(/^HTTP\/1\.1 413 /)
    expect(client.received()).toMatch(/^connection: close\r$/im)
    expect(keptOut).toEqual(['body'])
  })

  test('without an end ends the connection with the answer', async () => {
    const client = await rude(await start())
    client.socket.write(requestBytes('/-/healthy', ['Transfer-Encoding: chunked']))
    let sent = 0
    const more = (error?: Error | null) => {
      if (error) return
      sent += 1
      client.socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`, more)
    }
    more()
    await client.ended
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 /)
    expect(sent).toBeLessThan(1000)
  })

  test('without an end is cut off where a body is read', async () => {
    const client = await rude(await start())
    client.socket.write(requestBytes('/-/reload', ['Transfer-Encoding: chunked'], 'POST'))
    client.socket.write(`20000\r\n${'x'.repeat(131_072)}\r\n`)
    await eventually('a refusal', client.received, (text) => text.startsWith('HTTP/1.1 413 '))
    expect(client.received()).toContain('The body exceeds 65536 bytes.')
  })
})

const statuses = (client: RudeClient) =>
  [...client.received().matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

describe('requests that do not wait for answers', () => {
  test.each([
    ['GET', '/-/healthy', 200, []],
    ['GET', '/nothing', 404, []],
    ['GET', '/api/v1/farms', 200, []],
    ['PUT', '/metrics', 405, ['Content-Length: 0', 'Expect: the-impossible']],
  ])(
    'are answered in order up to sixteen on a connection, which then ends: %s %s',
    async (method, path, status, headers) => {
      const web = await start()
      const client = await rude(web)
      client.socket.write(requestBytes(path, headers, method).repeat(1700))
      await client.ended
      const answered = path === '/metrics' ? 8 : 16
      expect(statuses(client)).toEqual([...Array<number>(answered).fill(status), 503])
      expect(keptOut).toEqual([path === '/metrics' ? 'scrapes' : 'pipelined'])
      expect((await fetch(`${web.url}/-/healthy`)).status).toBe(200)
    },
  )

  test('on many connections are refused before any is answered, and another client is not', async () => {
    const web = await start()
    const crowd = await Promise.all(Array.from({ length: 40 }, () => rude(web)))
    const other = await rude(web, '127.0.0.2')
    // By then all have been accepted.
    await fetch(`${web.url}/-/healthy`)
    for (const { socket } of [...crowd, other]) socket.write(requestBytes('/metrics').repeat(5))
    await Promise.all(crowd.slice(2).map(({ ended }) => ended))
    expect(crowd.slice(2).flatMap(statuses)).not.toContain(200)
    await eventually(
      'five answers',
      () => statuses(other).length,
      (answers) => answers === 5,
    )
    expect(statuses(other)).toEqual(Array(5).fill(200))
  })

  test('free their places only once they are done, also when their clients are gone', async () => {
    const { promise: done, resolve } = Promise.withResolvers<boolean>()
    let begun = 0
    const web = await start({}, { reload: () => (begun++, done) })
    const post = requestBytes('/-/reload', ['Content-Length: 0'], 'POST')
    for (let count = 1; count <= 120; count++) {
      const client = await rude(web)
      client.socket.write(post)
      await eventually(
        'a beginning or a refusal',
        () => begun + keptOut.length,
        (seen) => seen === count,
      )
      client.socket.destroy()
    }
    expect([begun, keptOut.length]).toEqual([100, 20])
    resolve(true)
    const status = await eventually(
      'room',
      async () => (await fetch(`${web.url}/-/healthy`)).status,
      (code) => code === 200,
    )
    expect(status).toBe(200)
  })

  test('opened again and again by one client are limited, and those of others are not', async () => {
    const web = await start({ newConnections: { burst: 5, intervalMs: 3_600_000 } })
    for (let left = 7; left > 0; left--) (await rude(web)).socket.destroy()
    expect(keptOut).toEqual(['connections', 'connections'])
    const other = await rude(web, '127.0.0.2')
    other.socket.write(requestBytes('/-/healthy', ['Connection: close']))
    await other.ended
    expect(statuses(other)).toEqual([200])
  })
})

/** A connection of a client of its own; one that `asks` has been answered. */
async function otherClient(web: Web, number: number, asks: boolean): Promise<RudeClient> {
  const client = await rude(web, `127.0.0.${number + 2}`)
  if (!asks) return client
  client.socket.write(requestBytes('/-/healthy'))
  await once(client.socket, 'data')
  return client
}

describe('connections', () => {
  test('of one client are limited, and those of others go on', async () => {
    const web = await start({ connectionsOfOne: 3 })
    for (let i = 0; i < 3; i++) await rude(web)
    const fourth = await rude(web)
    await fourth.ended
    expect(keptOut).toEqual(['connections'])
    const other = await rude(web, '127.0.0.2')
    other.socket.write(requestBytes('/-/healthy'))
    await once(other.socket, 'data')
    expect(other.received()).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('that have ended make room', async () => {
    const web = await start({ connectionsOfOne: 1 })
    const first = await rude(web)
    first.socket.destroy()
    const second = await eventually(
      'an answer',
      async () => {
        const client = await rude(web)
        client.socket.write(requestBytes('/-/healthy', ['Connection: close']))
        await client.ended
        return client.received()
      },
      (text) => text !== '',
    )
    expect(second).toMatch(/^HTTP\/1\.1 200 /)
  })

  test.each([
    ['the oldest that never made a request', [true, false, false, true], 1],
    ['else the one that has been idle longest', [true, true, true, true], 0],
  ])('beyond the limit close one: %s', async (_which, hasAsked, closed) => {
    const web = await start({ connections: 4 })
    const others: RudeClient[] = []
    for (const [number, asks] of hasAsked.entries()) others.push(await otherClient(web, number, asks))
    expect((await fetch(`${web.url}/-/healthy`)).status).toBe(200)
    await others[closed]?.ended
    expect(others.map(({ socket }) => socket.destroyed)).toEqual(
      hasAsked.map((_, number) => number === closed),
    )
  })

  test('that are all being answered admit no other', async () => {
    const web = await start({ connections: 2 })
    for (const from of ['127.0.0.2', '127.0.0.3']) {
      const client = await rude(web, from)
      client.socket.write(requestBytes('/api/v1/stream'))
      await once(client.socket, 'data')
    }
    await expect(fetch(`${web.url}/-/healthy`)).rejects.toThrow('fetch failed')
    clients[0]?.socket.destroy()
    const status = await eventually(
      'room',
      async () => (await fetch(`${web.url}/-/healthy`)).status,
      (code) => code === 200,
    )
    expect(status).toBe(200)
  })
})

describe('what one client may have under way', () => {
  test('is eight scrapes; others scrape on, and room that is left is given again', async () => {
    const web = await start({}, endlessMetrics())
    const scrape = async (from?: string) => {
      const client = await rude(web, from)
      client.socket.write(requestBytes('/metrics'))
      await once(client.socket, 'data')
      client.socket.pause()
      return client
    }
    const scrapes = []
    for (let i = 0; i < 8; i++) scrapes.push(await scrape())
    expect((await scrape()).received()).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 1[^]*Too many scrapes/i)
    expect(keptOut).toEqual(['scrapes'])
    expect((await scrape('127.0.0.2')).received()).toMatch(/^HTTP\/1\.1 200 /)
    scrapes[0]?.socket.destroy()
    const again = await eventually(
      'room',
      async () => (await scrape()).received(),
      (text) => text.includes(' 200 '),
    )
    expect(again).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('is fifty streams', async () => {
    const web = await start()
    const stream = async () => {
      const client = await rude(web)
      client.socket.write(requestBytes('/api/v1/stream'))
      await once(client.socket, 'data')
      return client.received().slice(0, 12)
    }
    for (let i = 0; i < 50; i++) expect(await stream()).toBe('HTTP/1.1 200')
    expect(await stream()).toBe('HTTP/1.1 503')
    expect(keptOut).toEqual(['streams'])
  })
})
