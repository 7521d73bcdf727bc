import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { Request } from '../../../src/web/guard/either_http.ts'
import { createRequestLimits } from '../../../src/web/guard/request_limits.ts'

test.each([
  ['/metrics', 8],
  ['/sd', 16],
  ['/config', 16],
  ['/config/?x=1', 16],
  ['/api/v1/events?limit=10000', 16],
  ['/', 100],
])('of %s one client may have %i under way, and another client finds room', (url, most) => {
  const begin = createRequestLimits()
  const from = (remoteAddress: string) => begin({ url, socket: { remoteAddress } as Socket } as Request)
  const begun = Array.from({ length: most }, () => from('10.0.0.1'))
  expect(begun.every((each) => typeof each === 'function')).toBe(true)
  expect(from('10.0.0.1')).toMatchObject({ status: 503 })
  expect(from('10.0.0.2')).toBeTypeOf('function')
  const [end] = begun
  if (typeof end === 'function') end()
  expect(from('10.0.0.1')).toBeTypeOf('function')
})
