/** Whatever a target answers, the probe ends with its metrics, and with no fault of ours. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { startRawServer } from '../support/servers/raw_server.ts'

const names = [
  'Location',
  'Set-Cookie',
  'Last-Modified',
  'Content-Length',
  'Content-Type',
  'Content-Encoding',
  'Transfer-Encoding',
  'Connection',
  'X',
]

const values = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    'http://',
    'http://[',
    'http://[::1',
    'http://127.0.0.1:99999/',
    'http://169.254.169.254/',
    'http://%zz@a/',
    'ftp://a/',
    '\\\\a\\b',
    '?',
    'a=b; Domain=.; Path',
    '=; Max-Age=x; Expires=never; Domain=..',
    'Tue, 99 Nov 1994 99:99:99 GMT',
    'Tue, 15 Nov 1994 12:45:26 GMT',
    '99999999999999999999',
    '-1',
    '5',
    'chunked',
    'gzip',
    '',
  ),
  fc.string({
    unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 30,
  }),
)

const answers = fc.record({
  line: fc.constantFrom(
    'HTTP/1.1 200 OK',
    'HTTP/1.0 302 Found',
    'HTTP/1.1 307 Again',
    'HTTP/1.1 999',
    'HTTP/1.1 204 No',
    'HTTP/2 200',
    '',
  ),
  headers: fc.array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 6 }),
  body: fc.constantFrom('', 'hello', '5\r\nhello\r\n0\r\n\r\n', '{"a":1}', '\u0000\u00ff'),
})

const http = {
  compression: 'gzip',
  fail_if_body_matches_regexp: ['x'],
  fail_if_body_json_matches_cel: 'body.a == 2',
  fail_if_header_matches: [{ header: 'X', regexp: '.', allow_missing: true }],
  valid_status_codes: [200, 302, 307],
}

test('any answer', async () => {
  let answer = ''
  await using server = await startRawServer((socket) => void socket.end(answer, 'latin1'))
  const faults: string[] = []
  await fc.assert(
    fc.asyncProperty(answers, fc.boolean(), async ({ line, headers, body }, plain) => {
      answer = [line, ...headers.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n')
      const { metrics, log } = await probeOnDemand(`http://127.0.0.1:${server.port}/`, {
        http: plain ? {} : http,
        timeoutMs: 2000,
        resolve: () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })),
      })
      if (log.includes('farmprobe failed') || metrics.probe_success === undefined)
        faults.push(`${answer}\n${log}`)
    }),
    { numRuns: 300 },
  )
  expect(faults).toEqual([])
  await server.deserted()
})
