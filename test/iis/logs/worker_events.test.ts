import { expect, test } from 'vitest'
import { workerEventOf } from '../../../src/iis/logs/worker_events.ts'

const ofWas = (id: number) =>
  workerEventOf({
    provider: 'Microsoft-Windows-WAS',
    id,
    atMs: 0,
    computer: 'WEB01',
    pool: 'shop',
    process: '4711',
    file: 'events.xml',
    line: 1,
  })

test('changes of idle time-outs under memory pressure end no worker; the time-out itself does', () => {
  expect([5192, 5193, 5194].map((id) => ofWas(id)?.reason)).toEqual([undefined, undefined, undefined])
  expect(ofWas(5195)).toMatchObject({
    reason: 'idle',
    what: 'ended by its idle time-out, which memory pressure had shortened',
  })
})
