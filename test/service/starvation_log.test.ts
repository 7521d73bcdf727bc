import { expect, test } from 'vitest'
import { createStarvationLog } from '../../src/service/starvation_log.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'
import { quietLog } from '../support/quiet_log.ts'

test('our own starvation is one line when it begins and one when it is over, with its span and count', () => {
  const { log, lines } = quietLog()
  const observe = createStarvationLog(log)
  const see = (startedMs: number, latenessMs: number) =>
    observe(sampleOutcome({ startedMs, totalMs: 100, latenessMs }))
  for (let at = 0; at < 20_000; at += 1000) see(at, 90)
  for (let at = 20_000; at < 40_000; at += 1000) see(at, 0)
  expect(lines).toHaveLength(1)
  for (let at = 40_000; at < 80_000; at += 1000) see(at, 0)
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain('farmprobe is starved of CPU: late samples are not used as evidence')
  expect(lines[1]).toContain('farmprobe was starved of CPU for 19 s: 20 samples are not used as evidence')
})
