import { expect, test } from 'vitest'
import { isStackTrace } from '../../../proof/faults/health.ts'

test.each([
  '    at brief (file:///app/src/schedule/post.ts:52:5)',
  '    at async /app/src/cli/run.ts:31:10',
  '    at new Promise (<anonymous>) at node:internal/main/run:10:1',
  '{"level":"error","error":"Error: no\\n    at work (/app/src/a.ts:1:2)","msg":"x"}',
  '{"level":"error","err":{"stack":"Error"}}',
  '(node:42) MaxListenersExceededWarning: Possible EventEmitter memory leak detected.',
])('a log with %j tells of a mistake of ours', (line) => {
  expect(isStackTrace(line)).toBe(true)
})

test.each([
  '{"level":"info","at":"2026-11-22T09:41:10.130Z","msg":"idle: web01 fails on home: 127.0.0.1:9 refused the connection."}',
  '{"level":"error","prober":0,"error":"Error: planted","msg":"a prober thread ended and is restarted"}',
  '2026-11-22T10:00:00.000Z INFO  shop: web01 fails on / at 10:11:12',
])('a log with %j does not', (line) => {
  expect(isStackTrace(line)).toBe(false)
})
