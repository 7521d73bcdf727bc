import { expect, test } from 'vitest'
import type { Phase } from '../../src/model/outcome.ts'
import { quoted, socketFailure, timedOut } from '../../src/probe/failure.ts'

test.each([
  ['ECONNREFUSED', 'connect', 'refused', 'peer:80 refused the connection.'],
  ['EHOSTUNREACH', 'connect', 'unreachable', 'peer:80 cannot be reached: EHOSTUNREACH.'],
  ['ENETUNREACH', 'connect', 'unreachable', 'peer:80 cannot be reached: ENETUNREACH.'],
  ['EADDRNOTAVAIL', 'connect', 'unreachable', 'peer:80 cannot be reached: EADDRNOTAVAIL.'],
  [
    'ETIMEDOUT',
    'connect',
    'connect_timeout',
    'peer:80 did not accept the connection until the system gave up.',
  ],
  ['ETIMEDOUT', 'wait', 'unreachable', 'peer:80 cannot be reached: ETIMEDOUT.'],
  ['ECONNRESET', 'connect', 'reset', 'peer:80 reset the connection before it was open.'],
  ['EPIPE', 'request', 'reset', 'peer:80 reset the connection while the request was sent.'],
  ['ECONNRESET', 'wait', 'reset', 'peer:80 reset the connection without an answer.'],
  ['ECONNRESET', 'transfer', 'reset', 'peer:80 reset the connection in the middle of the body.'],
  ['EMFILE', 'connect', 'internal', 'No socket could be opened on our own side: EMFILE.'],
] satisfies readonly (readonly [string, Phase, string, string])[])(
  '%s in %s is %s',
  (code, phase, reason, detail) => {
    expect(socketFailure(Object.assign(new Error('x'), { code }), phase, 'peer:80')).toEqual({
      reason,
      detail,
    })
  },
)

test('a handshake that is broken off may have waited for us', () => {
  const error = Object.assign(new Error('x'), { code: 'ECONNRESET' })
  expect(socketFailure(error, 'tls', 'peer:443')).toEqual({
    reason: 'tls',
    detail: 'The TLS handshake with peer:443 failed: the connection was closed.',
    brokenOff: true,
  })
})

test('an error of TLS is explained in the words of OpenSSL, whenever it comes', () => {
  const error = Object.assign(new Error('x'), { code: 'ERR_SSL_X', reason: 'certificate required' })
  expect(socketFailure(error, 'wait', 'peer:443')).toEqual({
    reason: 'tls',
    detail: 'The TLS handshake with peer:443 failed: certificate required.',
  })
})

test('a deadline means something else in each phase', () => {
  const phases: readonly Phase[] = ['resolve', 'connect', 'tls', 'request', 'wait', 'transfer']
  const ends = phases.map((phase) => [phase, timedOut(phase, 'peer:80', 5000, 'web01')])
  expect(Object.fromEntries(ends)).toMatchInlineSnapshot(`
    {
      "connect": {
        "detail": "peer:80 did not accept the connection within 5s.",
        "limitMs": 5000,
        "reason": "connect_timeout",
      },
      "request": {
        "detail": "peer:80 did not take the whole request within 5s.",
        "limitMs": 5000,
        "reason": "first_byte_timeout",
      },
      "resolve": {
        "detail": "The name web01 was not resolved within 5s.",
        "limitMs": 5000,
        "reason": "dns",
      },
      "tls": {
        "detail": "peer:80 did not finish the TLS handshake within 5s.",
        "limitMs": 5000,
        "reason": "tls",
      },
      "transfer": {
        "detail": "peer:80 did not finish the body of its answer within 5s.",
        "limitMs": 5000,
        "reason": "body_timeout",
      },
      "wait": {
        "detail": "peer:80 did not answer within 5s.",
        "limitMs": 5000,
        "reason": "first_byte_timeout",
      },
    }
  `)
})

test('text of a hostile peer is quoted on one line, and cut', () => {
  expect(quoted('a"\n\u001b[31m')).toBe('"a\\"\\n\\u001b[31m"')
  expect(quoted('x'.repeat(1000))).toHaveLength(83)
})
