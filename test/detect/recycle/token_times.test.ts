import { expect, test } from 'vitest'
import { startIn } from '../../../src/detect/recycle/token_times.ts'

const startMs = Date.parse('2026-03-01T03:00:00.120Z')
const nowMs = Date.parse('2026-03-08T12:00:00Z')

test.each([
  ['seconds', '4712-1772334000', Date.parse('2026-03-01T03:00:00Z')],
  ['milliseconds, as of Node, Python and Java', '4712-1772334000120', startMs],
  ['microseconds', 'w3@1772334000120000', startMs],
  ["nanoseconds, rounded to JavaScript's numbers", '4712:1772334000120000000', startMs],
  ["ticks of .NET, as of IIS's identity page", '4712-639079308001200000', startMs],
])('a token tells when its worker started in %s', (_, token, expected) => {
  expect(startIn(token, nowMs)).toBeCloseTo(expected, 0)
})

test.each([
  ['only a process', '4712'],
  ['clock ticks since the machine started', '6907-370793'],
  ['a long number', '4712-17723340001'],
  ['a time of next year', `4712-${nowMs + 300 * 86_400_000}`],
  ['a time of ten years ago', `4712-${nowMs - 3650 * 86_400_000}`],
  ['a hash', '9f86d081884c7d659a2feaa0c55ad015'],
])('a token that tells %s tells no start', (_, token) => {
  expect(startIn(token, nowMs)).toBeUndefined()
})
