import { array, assert, asyncProperty, double } from 'fast-check'
import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { sampleFarm, sampleOutcome } from '../support/farms/sample_farm.ts'
import { parseExposition, type Sample } from '../support/rules/exposition.ts'
import { readProtobuf } from '../support/rules/read_protobuf.ts'

const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'

function metricsOf(firstByteMs: readonly number[], nativeHistograms = true) {
  const metrics = createMetrics({ clock: systemClock, version: '1.2.3', nativeHistograms })
  metrics.setFarms([sampleFarm({}, ['web"01\n'])])
  for (const each of firstByteMs) metrics.observe(sampleOutcome({ target: 'web"01\n', firstByteMs: each }))
  metrics.observe(sampleOutcome({ role: 'balancer', target: 'balancer', status: 502, reason: 'status' }))
  metrics.loopDelay(0, { p50Ms: 0.1, p99Ms: 1.5, maxMs: 12 })
  const read = async (accept: string) =>
    Buffer.concat((await Array.fromAsync(metrics.render(accept).chunks)).map(bytes))
  return { ...metrics, read }
}

const bytes = (chunk: string | Uint8Array) => Buffer.from(chunk)

/** What the library reports of this process differs from moment to moment: its names and labels count. */
const comparable = (samples: readonly Sample[]) =>
  samples
    .map(({ name, labels, value }) => {
      const own = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))
      return JSON.stringify([name, own, name.startsWith('farmprobe_') ? value : 0])
    })
    .toSorted()

test('as protobuf there are the same series with the same values as in the text', async () => {
  const metrics = metricsOf([20, 3000, 7])
  const { samples } = readProtobuf(await metrics.read(protobuf))
  expect(comparable(samples)).toEqual(
    comparable(parseExposition((await metrics.read('text/plain')).toString())),
  )
  expect(samples.length).toBeGreaterThan(300)
})

test('every observation is in the native bucket whose bounds are around it', async () => {
  const milliseconds = array(double({ min: 0, max: 120_000, noNaN: true }), { maxLength: 50 })
  await assert(
    asyncProperty(milliseconds, async (observed) => {
      const { natives } = readProtobuf(await metricsOf(observed).read(protobuf))
      const own = natives.find(
        ({ name, labels }) => name === 'farmprobe_first_byte_seconds' && labels.role === 'node',
      )
      const expected = new Map<number, number>()
      for (const ms of observed) {
        let index = -1024
        while (ms / 1000 > 2 ** (index / 8)) index++
        if (index > -1024) expected.set(index, (expected.get(index) ?? 0) + 1)
      }
      expect(own).toMatchObject({ schema: 3, zero: observed.filter((ms) => ms / 1000 <= 2 ** -128).length })
      expect(new Map(own?.counts)).toEqual(new Map([...expected].toSorted(([a], [b]) => a - b)))
    }),
    { numRuns: 30 },
  )
})

test('a bound belongs to the bucket that it ends', async () => {
  const { natives } = readProtobuf(await metricsOf([1000, 1001, 500, 250]).read(protobuf))
  const own = natives.find(
    ({ name, labels }) => name === 'farmprobe_first_byte_seconds' && labels.role === 'node',
  )
  expect([...(own?.counts ?? [])]).toEqual([
    [-16, 1],
    [-8, 1],
    [0, 1],
    [1, 1],
  ])
})

test('histograms that have counted nothing are native, too', async () => {
  const { natives } = readProtobuf(await metricsOf([]).read(protobuf))
  const own = natives.find(
    ({ name, labels }) => name === 'farmprobe_first_byte_seconds' && labels.role === 'node',
  )
  expect(own).toMatchObject({ zero: 0, counts: new Map() })
})

test('where native histograms are not wanted, whoever asks for protobuf gets what else they accept', async () => {
  const metrics = metricsOf([20], false)
  const { contentType } = metrics.render(`${protobuf},application/openmetrics-text;version=1.0.0;q=0.5`)
  expect(contentType).toContain('openmetrics')
  expect(metrics.render(protobuf).contentType).toContain('text/plain')
})
