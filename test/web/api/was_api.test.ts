import { describe, expect, test } from 'vitest'
import type { SentEvents } from '../../../src/web/web_ports.ts'
import { rudeClient } from '../../support/servers/rude_client.ts'
import { loopbackWeb } from '../../support/web/loopback_web.ts'
import { sampleApp } from '../../support/web/sample_web.ts'

const path = '/api/v1/was'
const xmlPost = (body: string, type = 'application/xml; charset=utf-8') => ({
  method: 'POST',
  headers: { 'Content-Type': type },
  body,
})
const unreadable = async () => ({ why: 'it is empty' })
const nothing = { events: 0, fresh: 0, nodes: [], remarks: [] }

/** What was sent, with its body as text. */
function listening() {
  const sent: (Omit<SentEvents, 'read'> & { readonly body: string })[] = []
  const was = async ({ read, ...rest }: SentEvents) => {
    sent.push({ ...rest, body: (await read()).toString() })
    return nothing
  }
  return { sent, was }
}

describe('POST /api/v1/was', () => {
  test('is refused unless it is enabled', async () => {
    const response = await sampleApp().request(path, xmlPost('<Events></Events>'))
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({
      error: 'sending events of WAS is not enabled: write was: { push: true } in the configuration',
    })
  })

  test('takes the body and what the sender says of it', async () => {
    const { sent, was } = listening()
    const query = 'computer=WEB01&since=2026-02-03T03:00:00.1234567Z&until=2026-02-03T04:00:00Z'
    const response = await sampleApp({ was }).request(`${path}?${query}`, xmlPost('<Events></Events>'))
    expect(await response.json()).toEqual(nothing)
    expect(sent).toEqual([
      {
        body: '<Events></Events>',
        computer: 'WEB01',
        sinceMs: Date.UTC(2026, 1, 3, 3, 0, 0, 123),
        untilMs: Date.UTC(2026, 1, 3, 4),
      },
    ])
  })

  test.each([
    [415, '', xmlPost('{}', 'application/json'), 'the body is not XML'],
    [400, '?since=yesterday', xmlPost(''), 'since="yesterday" is not a time'],
    [400, '?since=1m&until=2m', xmlPost(''), 'since is after until'],
    [400, '?computer=%0a', xmlPost(''), 'is no name of a computer'],
    [413, '', xmlPost('x'.repeat(1024 * 1024 + 1)), 'The body exceeds 1048576 bytes.'],
  ])('answers %i to %s', async (status, query, request, sentence) => {
    const response = await sampleApp(listening()).request(`${path}${query}`, request)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.stringContaining(sentence) })
  })

  test('says why a body cannot be read', async () => {
    const response = await sampleApp({ was: unreadable }).request(path, xmlPost(''))
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: 'the body cannot be read: it is empty' })
  })

  test('cannot be made by a page of another site', async () => {
    const request = xmlPost('')
    const headers = { ...request.headers, 'Sec-Fetch-Site': 'cross-site' }
    expect((await sampleApp(listening()).request(path, { ...request, headers })).status).toBe(403)
  })

  test('takes more than other paths do, and no more than a mebibyte', async () => {
    const { sent, was } = listening()
    const web = await loopbackWeb({ ports: { was } })
    const statusOf = async (at: string, length: number) => {
      const client = await rudeClient(web.port)
      const head = `POST ${at} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/xml\r\n`
      client.socket.write(`${head}Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`)
      await client.ended
      return client.received().slice(9, 12)
    }
    expect(await statusOf(`${path}?computer=WEB01`, 1024 * 1024)).toBe('200')
    expect(await statusOf(path, 1024 * 1024 + 1)).toBe('413')
    expect(await statusOf('/api/v1/marks', 100 * 1024)).toBe('413')
    expect(sent.map(({ body }) => body.length)).toEqual([1024 * 1024])
  })
})
