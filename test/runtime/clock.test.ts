import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'

const askTheTime = `
  const { parentPort } = require('node:worker_threads')
  import(${JSON.stringify(new URL('../../src/runtime/clock.ts', import.meta.url).href)}).then(({ systemClock }) =>
    parentPort.postMessage(systemClock.monotonicMs()))`

test('all threads share one monotonic time', async () => {
  const beforeMs = systemClock.monotonicMs()
  const worker = new Worker(askTheTime, { eval: true })
  const [thereMs] = (await once(worker, 'message')) as [number]
  const afterMs = systemClock.monotonicMs()
  await worker.terminate()
  expect(thereMs).toBeGreaterThan(beforeMs)
  expect(thereMs).toBeLessThan(afterMs)
})
