import { expect, test } from 'vitest'
import { seriesIn, total } from '../../../proof/bench/farmprobe.ts'
import { groups } from '../../../proof/bench/targets.ts'

const exposition = `# TYPE farmprobe_probes_total counter
farmprobe_probes_total{farm="a",result="ok"} 40
farmprobe_probes_total{farm="a",result="refused"} 2
farmprobe_probes_total_created{farm="a",result="ok"} 1000
farmprobe_in_flight 1
`

test('a total sums the samples of exactly one metric, of those with a label when one is given', () => {
  expect(total(exposition, 'farmprobe_probes_total')).toBe(42)
  expect(total(exposition, 'farmprobe_probes_total', 'result="ok"')).toBe(40)
  expect(total(exposition, 'farmprobe_in_flight')).toBe(1)
})

test('comments are no series', () => {
  expect(seriesIn(exposition)).toBe(4)
})

test('five thousand targets are a thousand farms, each target on a loopback address of its own', () => {
  const farms = groups(5000)
  expect(farms).toHaveLength(1000)
  expect(new Set(farms.flat()).size).toBe(5000)
  expect(farms.flat().every((address) => /^127\.\d+\.\d+\.\d+$/.test(address))).toBe(true)
})
