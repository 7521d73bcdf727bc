import { expect, test } from 'vitest'
import { isSuspect, type Outcome, proofOf } from '../../src/model/outcome.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'

const failed = (reason: Outcome['reason'], more: Partial<Outcome>) =>
  proofOf(sampleOutcome({ reason, ...more }))

test.for([
  ['an answer', 'status', { latenessMs: 9000 }],
  ['a refused connection', 'refused', { latenessMs: 9000 }],
  ['a refused certificate', 'tls', { latenessMs: 9000, totalMs: 9010 }],
  ['a name that does not exist', 'dns', { latenessMs: 9000, totalMs: 9010 }],
  [
    'a time-out of which nearly all was left to the target',
    'first_byte_timeout',
    { latenessMs: 900, totalMs: 10_000 },
  ],
  ['a reset within a second', 'reset', { latenessMs: 900, totalMs: 950 }],
  ['what is too slow all the same', 'slow', { latenessMs: 900, totalMs: 3000, limitMs: 2000 }],
] as const)('%s is proof however late our own loop was', ([, reason, more]) => {
  expect(failed(reason, more)).toBe('failure')
})

test.for([
  ['a time-out that was left to us', 'body_timeout', { latenessMs: 1100, totalMs: 10_000 }],
  ['a handshake that was not finished in time', 'tls', { latenessMs: 500, totalMs: 2000, limitMs: 2000 }],
  ['a name that was not found in time', 'dns', { latenessMs: 500, totalMs: 2000, limitMs: 2000 }],
  [
    'a handshake that was broken off while we slept',
    'tls',
    { latenessMs: 9000, totalMs: 9010, brokenOff: true },
  ],
  ['a connection that was closed while we slept', 'closed', { latenessMs: 9000, totalMs: 9010 }],
  ['what may have been in time', 'slow', { latenessMs: 900, totalMs: 2100, limitMs: 2000 }],
  ['a fault of ours', 'internal', {}],
  ['a demand for other credentials', 'auth', { status: 401 }],
] as const)('%s proves nothing', ([, reason, more]) => {
  expect(failed(reason, more)).toBe('nothing')
})

test('times are suspect that may be off by 20 ms and a tenth', () => {
  expect(isSuspect({ latenessMs: 19, totalMs: 20 })).toBe(false)
  expect(isSuspect({ latenessMs: 20, totalMs: 200 })).toBe(true)
  expect(isSuspect({ latenessMs: 20, totalMs: 201 })).toBe(false)
})
