import { expect, test } from 'vitest'
import { probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { answerBytes, say, startRawServer } from '../support/servers/raw_server.ts'
import { tempDir } from '../support/temp_dir.ts'

async function requestFor(path: string, http: Readonly<Record<string, unknown>>, credentials = '') {
  await using server = await startRawServer(say(answerBytes()))
  const { log } = await probeOnDemand(`http://${credentials}127.0.0.1:${server.port}${path}`, { http })
  const request = (server.requests[0] ?? '').replaceAll(String(server.port), 'PORT')
  return { request: request.replace(/farmprobe\/[\d.]+/, 'farmprobe/V').replaceAll('\r\n', '\n'), log }
}

test('is no more than the exporter sends', async () => {
  expect((await requestFor('/a?b', {})).request).toBe(
    'GET /a?b HTTP/1.1\nhost: 127.0.0.1:PORT\nconnection: close\nUser-Agent: farmprobe/V\n\n',
  )
})

test('carries what the module says', async () => {
  await using dir = await tempDir()
  const file = await dir.write('token', 'from a file\n')
  const http = {
    method: 'POST',
    body: 'grüße',
    headers: { 'user-agent': 'me', Host: 'shop.example.org:81', 'Content-Length': '1' },
    http_headers: { 'X-More': { values: ['one'], secrets: ['two'], files: [file] } },
    authorization: { type: 'Token', credentials_file: file },
  }
  expect((await requestFor('/', http)).request).toBe(
    [
      'POST / HTTP/1.1',
      'host: shop.example.org:81',
      'connection: close',
      'Authorization: Token from a file',
      'user-agent: me',
      'X-More: one',
      'X-More: two',
      'X-More: from a file',
      'content-length: 7',
      '',
      Buffer.from('grüße').toString('latin1'),
    ].join('\n'),
  )
})

test('carries the credentials of the URL, which no log line shows', async () => {
  const { request, log } = await requestFor('/', {}, 'me:hu%40sh@')
  expect(request).toContain(`Authorization: Basic ${Buffer.from('me:hu@sh').toString('base64')}\n`)
  expect(log).not.toContain('hu%40sh')
})

test('is not made when a file that it needs is not there', async () => {
  const { metrics, log } = await probeOnDemand('http://127.0.0.1:1/', {
    http: { bearer_token_file: '/no/such/token' },
  })
  expect(metrics).toMatchObject({ probe_success: 0, probe_ip_protocol: 4 })
  expect(log).toContain('err="the file /no/such/token cannot be read: no such file"')
})
