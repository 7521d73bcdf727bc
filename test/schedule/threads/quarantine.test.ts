import { expect, test } from 'vitest'
import { createQuarantine } from '../../../src/schedule/threads/quarantine.ts'

const subject = { farm: 'intranet', role: 'node', target: 'web01', check: 'home' } as const
const minute = 60_000

test('each time it is for twice as long, up to an hour; after as long a quiet time it begins anew', () => {
  const { add, list } = createQuarantine()
  let nowMs = 1000
  const lengths = Array.from({ length: 8 }, () => {
    const lengthMs = add(subject, nowMs) ?? 0
    nowMs += lengthMs + 1
    return lengthMs / minute
  })
  expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  nowMs += 61 * minute
  expect(add(subject, nowMs)).toBe(minute)
  expect([...list()]).toEqual([['intranet\nnode\nweb01\nhome', nowMs + minute]])
})

test('what is set apart already is not set apart for longer, and nothing else is', () => {
  const { add, list } = createQuarantine()
  add(subject, 0)
  expect(add(subject, minute - 1)).toBeUndefined()
  expect(add({ ...subject, target: 'web02' }, minute - 1)).toBe(minute)
  expect([...list().values()]).toEqual([minute, 2 * minute - 1])
})
