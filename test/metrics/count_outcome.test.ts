import { beforeEach, describe, expect, test } from 'vitest'
import { balancerName } from '../../src/model/farm.ts'
import type { Lane } from '../../src/model/outcome.ts'
import { sampleFarm, sampleOutcome } from '../support/farms/sample_farm.ts'
import { select, total } from '../support/rules/exposition.ts'
import { type MetricsReader, metricsReader } from '../support/rules/metrics_reader.ts'

const home = { farm: 'intranet', role: 'node', target: 'web01', check: 'home' } as const

let read: MetricsReader

beforeEach(() => {
  read = metricsReader()
  read.metrics.setFarms([sampleFarm()])
})

const servedBy = (node: string, code: string) =>
  read.value('farmprobe_served_by_total', { farm: 'intranet', check: 'home', node, code })

describe('an outcome', () => {
  test('counts as a probe, an answer and the last state of its target', async () => {
    read.metrics.observe(sampleOutcome())
    read.metrics.observe(sampleOutcome({ reason: 'status', status: 502, origin: 'unknown' }))
    expect(await read.value('farmprobe_probes_total', { ...home, lane: 'tick', result: 'ok' })).toBe(1)
    expect(await read.value('farmprobe_probes_total', { ...home, lane: 'tick', result: 'status' })).toBe(1)
    expect(await read.value('farmprobe_responses_total', { ...home, lane: 'tick', code: '502' })).toBe(1)
    expect(await read.value('farmprobe_up', home)).toBe(0)
    expect(await read.value('farmprobe_status_code', home)).toBe(502)
    expect(total(await read.samples(), 'farmprobe_probes_total', { target: balancerName })).toBe(0)
  })

  test('without an answer counts no answer and no first byte, but its whole duration', async () => {
    const { firstByteMs: _, ...unanswered } = sampleOutcome({ reason: 'refused', status: 0, totalMs: 2000 })
    read.metrics.observe(unanswered)
    const all = await read.samples()
    expect(total(all, 'farmprobe_responses_total')).toBe(0)
    expect(total(all, 'farmprobe_first_byte_seconds_count')).toBe(0)
    expect(await read.value('farmprobe_duration_seconds_sum', home)).toBe(2)
    expect(await read.value('farmprobe_status_code', home)).toBe(0)
  })

  test('of a node through the balancer counts under that role alone, in few series', async () => {
    const affinity = { cookie: 'ARRAffinity' }
    read.metrics.setFarms([sampleFarm({ servedBy: { header: 'X-Node' }, affinity })])
    const { length } = select(await read.samples(), 'farmprobe_probes_total', { target: 'web01' })
    read.metrics.observe(sampleOutcome({ role: 'through', elsewhere: 'web02' }))
    const all = await read.samples()
    const through = { ...home, role: 'through' }
    expect(await read.value('farmprobe_probes_total', { ...through, lane: 'tick', result: 'ok' })).toBe(1)
    expect(await read.value('farmprobe_up', through)).toBe(1)
    expect(await read.value('farmprobe_affinity_not_honoured_total', through)).toBe(1)
    expect(total(all, 'farmprobe_probes_total', { role: 'node' })).toBe(0)
    expect(total(all, 'farmprobe_duration_seconds_count')).toBe(0)
    expect(total(all, 'farmprobe_served_by_total')).toBe(0)
    expect(select(all, 'farmprobe_probes_total', { target: 'web01' })).toHaveLength(length)
    const own = all.filter(({ labels }) => labels.role === 'through' && labels.target === 'web01')
    expect(own.length).toBeGreaterThan(20)
    expect(own.length).toBeLessThanOrEqual(40)
  })

  test('puts its time to first byte into the bucket whose bound it does not exceed', async () => {
    for (const firstByteMs of [50, 50.1, 120_000, 120_001])
      read.metrics.observe(sampleOutcome({ firstByteMs }))
    const counts = await Promise.all(
      ['0.025', '0.05', '0.1', '60.0', '120.0', '+Inf'].map((le) =>
        read.value('farmprobe_first_byte_seconds_bucket', { ...home, le }),
      ),
    )
    expect(counts).toEqual([0, 1, 2, 2, 3, 4])
    expect(await read.value('farmprobe_first_byte_seconds_sum', home)).toBeCloseTo(240.1011, 9)
  })

  test('adds the seconds of the phases it reached', async () => {
    read.metrics.observe(sampleOutcome({ phaseMs: { connect: 250 } }))
    expect(await read.value('farmprobe_phase_seconds_total', { ...home, phase: 'connect' })).toBe(0.25)
    expect(await read.value('farmprobe_phase_seconds_total', { ...home, phase: 'wait' })).toBe(0)
  })

  test.each<Lane>(['burst', 'sweep', 'canary'])('of lane %s bends no quantile', async (lane) => {
    read.metrics.observe(sampleOutcome({ lane, reason: 'status', status: 503 }))
    const all = await read.samples()
    expect(await read.value('farmprobe_responses_total', { ...home, lane, code: '503' })).toBe(1)
    expect(await read.value('farmprobe_status_code', home)).toBe(503)
    expect(total(all, 'farmprobe_first_byte_seconds_count')).toBe(0)
    expect(total(all, 'farmprobe_duration_seconds_count')).toBe(0)
    expect(total(all, 'farmprobe_phase_seconds_total')).toBe(0)
  })

  test('counts a gateway error for who generated it', async () => {
    const gateway = { ...home, role: 'balancer', target: balancerName, code: '502', origin: 'nginx' } as const
    read.metrics.observe(
      sampleOutcome({ role: 'balancer', target: balancerName, status: 502, origin: 'nginx' }),
    )
    expect(await read.value('farmprobe_gateway_errors_total', gateway)).toBe(1)
  })

  test('of a burst creates only the series that it needs', async () => {
    read.metrics.observe(sampleOutcome({ lane: 'burst' }))
    expect(select(await read.samples(), 'farmprobe_probes_total', { lane: 'burst' })).toHaveLength(1)
  })

  test('with an origin that is in no table counts as unknown', async () => {
    read.metrics.observe(sampleOutcome({ status: 504, origin: 'never heard of' }))
    expect(
      await read.value('farmprobe_gateway_errors_total', { ...home, code: '504', origin: 'unknown' }),
    ).toBe(1)
  })

  test('that was late or suspect counts for the prober, not for the target', async () => {
    read.metrics.observe(sampleOutcome({ lagMs: 30, latenessMs: 30 }))
    read.metrics.observe(sampleOutcome({ lagMs: 0.5, latenessMs: 3 }))
    expect(await read.value('farmprobe_suspect_samples_total')).toBe(1)
    expect(await read.value('farmprobe_schedule_lag_seconds_bucket', { le: '0.001' })).toBe(1)
    expect(await read.value('farmprobe_schedule_lag_seconds_bucket', { le: '0.05' })).toBe(2)
  })

  test('carries the expiry of certificates, also when it failed', async () => {
    read.metrics.observe(sampleOutcome({ reason: 'tls', status: 0, notAfterMs: 1_800_000_000_000 }))
    const labels = { farm: 'intranet', role: 'node', target: 'web01' }
    expect(await read.value('farmprobe_tls_not_after_timestamp_seconds', labels)).toBe(1_800_000_000)
  })

  test('of the balancer counts for the node that served it', async () => {
    read.metrics.setFarms([sampleFarm({ servedBy: { header: 'X-Node' } }, ['web01', 'web02'])])
    const balancer = { role: 'balancer', target: balancerName } as const
    for (const said of ['WEB02', '10.0.0.11:443', '10.9.9.9:80'])
      read.metrics.observe(sampleOutcome({ ...balancer, servedBy: said }))
    read.metrics.observe(sampleOutcome({ ...balancer, status: 502 }))
    expect(await servedBy('web01', '2xx')).toBe(1)
    expect(await servedBy('web02', '2xx')).toBe(1)
    expect(await servedBy('other', '2xx')).toBe(1)
    expect(await servedBy('none', '502')).toBe(1)
  })

  test('of a target that is gone counts nowhere', async () => {
    const before = await read.text()
    read.metrics.observe(sampleOutcome({ target: 'web99', notAfterMs: 1 }))
    const after = (await read.text()).split('\n').filter((line) => line.startsWith('farmprobe_'))
    const changed = after.filter((line) => !before.includes(`${line}\n`))
    expect(changed.every((line) => line.startsWith('farmprobe_schedule_lag_seconds'))).toBe(true)
  })
})
