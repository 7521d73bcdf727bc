import { expect, test } from 'vitest'
import type { Fault } from '../../../proof/faults/fault.ts'
import { asReport, asTable } from '../../../proof/faults/report.ts'
import type { Row } from '../../../proof/faults/run_all.ts'

const fault = (name: string): Fault => ({
  name,
  expected: 'it holds',
  run: () => Promise.reject(new Error('not to be run here')),
})

const rows: readonly Row[] = [
  { fault: fault('a'), missing: [], tookMs: 5, result: { seen: 'x', after: 'y', misses: [] } },
  { fault: fault('b'), missing: [], tookMs: 6, result: { seen: 'x', after: 'y', misses: ['one', 'two'] } },
  { fault: fault('c'), missing: ['root'], tookMs: 0 },
  {
    fault: fault('d'),
    missing: [],
    tookMs: 5,
    result: { seen: 'x', after: 'y', misses: [] },
    before: ['late'],
  },
]

test('the table says of each fault what was expected and seen, and whether that is the same', () => {
  expect(asTable(rows)).toBe(
    `fault  expected  seen  afterwards  verdict
-----  --------  ----  ----------  ------------------------------------------------
a      it holds  x     y           as expected
b      it holds  x     y           MISSED: one; two
c      it holds                    not run: it needs root
d      it holds  x     y           as expected at the second try; at the first late

4 faults, 2 as expected, 1 missed, 1 not run`,
  )
})

test("the report counts as vitest's does", () => {
  expect(asReport(rows)).toMatchObject({
    numTotalTests: 4,
    numPassedTests: 2,
    numFailedTests: 1,
    numPendingTests: 1,
    success: false,
    testResults: [
      {
        status: 'failed',
        assertionResults: [
          { title: 'a', status: 'passed' },
          { title: 'b', status: 'failed', failureMessages: ['one', 'two'] },
          { title: 'c', status: 'pending' },
          { title: 'd', status: 'passed' },
        ],
      },
    ],
  })
  expect(asReport(rows.filter(({ fault: { name } }) => name !== 'b'))).toMatchObject({ success: true })
})
