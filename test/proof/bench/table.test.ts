import { expect, test } from 'vitest'
import { atLeast, atMost, formatTable } from '../../../proof/bench/table.ts'

const ms = (value: number) => `${value} ms`

test('the table shows each figure with its goal, and says which are not met', () => {
  const rows = [
    { what: 'bare loop', measured: '80 us' },
    atMost('start', 501, 500, ms),
    atMost('error', 3, 3, ms),
    atLeast('probes', 1499, 1500, (value) => `${value}/s`),
  ]
  expect(formatTable(rows)).toMatchInlineSnapshot(`
    "what       measured  goal       verdict
    ---------  --------  ---------  -------
    bare loop  80 us
    start      501 ms    <= 500 ms  NOT MET
    error      3 ms      <= 3 ms    met
    probes     1499/s    >= 1500/s  NOT MET"
  `)
})
