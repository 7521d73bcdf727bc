import { expect, test } from 'vitest'
import type { FarmEvent } from '../../src/model/event.ts'
import { sentenceOf } from '../../src/model/event_sentence.ts'
import { errorOf, outageOf } from '../support/farms/sample_events.ts'

const suspects = ['web01', 'web02']

test.each<[string, FarmEvent]>([
  [
    "web01's first request on home took at least 8.4s: somebody else may have made it",
    {
      kind: 'first_request',
      atMs: 0,
      farm: 'intranet',
      maintenance: false,
      target: 'web01',
      check: 'home',
      firstByteMs: 8400,
      reason: 'ok',
      userFirst: true,
    },
  ],
  [
    'a 502 from the balancer after 5s on home: one of web01, web02 was starting cold',
    { ...errorOf('web01', 0), node: 'unknown', suspects },
  ],
  [
    'a 502 from the balancer after 5s on home: one of web01, web02 caused it',
    { ...errorOf('web01', 0), node: 'unknown', cause: 'unknown', suspects },
  ],
  [
    'a 502 from the balancer after 5s on home: web01 was failing',
    { ...errorOf('web01', 0), cause: 'node_down' },
  ],
  [
    'web01 is back on home after 2.5s: 3 × wrong status, 1 × no answer in time',
    { ...outageOf('web01', 0, 2500), failures: { first_byte_timeout: 1, status: 3 } },
  ],
])('%s', (sentence, event) => {
  expect(sentenceOf(event)).toBe(sentence)
})
