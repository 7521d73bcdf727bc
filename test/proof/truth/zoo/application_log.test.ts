import { describe, expect, it } from 'vitest'
import { readApplicationLog } from '../../../../proof/truth/zoo/truth/application_log.ts'

const lines = [
  '{"what":"born","atMs":1010,"pid":7,"worker":"7-1000","bornMs":1000}',
  '{"what":"ready","atMs":3010,"pid":7,"worker":"7-1000"}',
  '{"what":"request","atMs":3050,"pid":7,"worker":"7-1000","cameMs":3020,"id":"b","path":"/report","status":200}',
  '{"what":"born","atMs":1510,"pid":8,"worker":"8-1500","bornMs":1500}',
  '{"what":"request","atMs":3030,"pid":7,"worker":"7-1000","cameMs":3011,"id":"a","path":"/","status":200}',
  '{"what":"end","atMs":9000,"pid":7,"worker":"7-1000"}',
]

describe("an application's own log", () => {
  it('has the workers in the order of their starts, each with its requests in the order of their arrival', () => {
    expect(readApplicationLog(lines)).toEqual([
      {
        token: '7-1000',
        pid: 7,
        bornMs: 1000,
        readyMs: 3010,
        endMs: 9000,
        requests: [
          { id: 'a', path: '/', cameMs: 3011, endMs: 3030 },
          { id: 'b', path: '/report', cameMs: 3020, endMs: 3050 },
        ],
      },
      { token: '8-1500', pid: 8, bornMs: 1500, requests: [] },
    ])
  })

  it('is refused with the line that no application writes', () => {
    expect(() => readApplicationLog([...lines, '{"what":"ready"}'])).toThrow(
      /^line 7 is not a line of a zoo application: \{"what":"ready"\}$/,
    )
    expect(() => readApplicationLog(['Traceback (most recent call last):'])).toThrow(/^line 1 is not a line/)
  })

  it('is refused when a worker logs something before its start', () => {
    expect(() => readApplicationLog(['{"what":"ready","atMs":1,"pid":1,"worker":"1-1"}'])).toThrow(
      /^line 1: 1-1 has no line "born"/,
    )
  })
})
