import { beforeEach, describe, expect, test } from 'vitest'
import { balancerName } from '../../src/model/farm.ts'
import { sampleCheck, sampleFarm, sampleNode, sampleOutcome } from '../support/farms/sample_farm.ts'
import { select } from '../support/rules/exposition.ts'
import { type MetricsReader, metricsReader } from '../support/rules/metrics_reader.ts'

const home = { farm: 'intranet', role: 'node', target: 'web01', check: 'home' } as const

let read: MetricsReader

beforeEach(() => {
  read = metricsReader()
  read.metrics.setFarms([sampleFarm({}, ['web01'])])
})

describe('before the first probe', () => {
  test('the results that alerts ask for and every class of codes exist at zero, for the scheduled lane only', async () => {
    const all = await read.samples()
    const probes = select(all, 'farmprobe_probes_total', home)
    expect(probes.map(({ labels }) => labels.result)).toEqual(['ok', 'internal'])
    expect(new Set(probes.map(({ labels }) => labels.lane))).toEqual(new Set(['tick']))
    expect(probes.every((probe) => probe.value === 0)).toBe(true)
    const codes = select(all, 'farmprobe_responses_total', home).map(({ labels }) => labels.code)
    expect(codes).toEqual(['2xx', '3xx', '4xx', '500', '502', '503', '504', '5xx'])
  })

  test('a check with credentials can have them refused; only a handshake has a phase of its own', async () => {
    const ntlm = { by: 'ntlm', user: 'probe', domain: 'DOM', password: 'hunter2!' } as const
    for (const [auth, phases] of [
      [{ windowsAuth: ntlm }, 1],
      [{ authorization: 'Bearer x' }, 0],
    ] as const) {
      read.metrics.setFarms([sampleFarm({ checks: [sampleCheck(auth)] })])
      const all = await read.samples()
      const of = { ...home, phase: 'auth' }
      expect(select(all, 'farmprobe_probes_total', { ...home, result: 'auth' })).toMatchObject([{ value: 0 }])
      expect(select(all, 'farmprobe_phase_seconds_total', of)).toHaveLength(phases)
    }
  })

  test('a canary check has its own lane at zero instead of tick', async () => {
    read.metrics.setFarms([sampleFarm({ checks: [sampleCheck({ canary: true })] })])
    const lanes = select(await read.samples(), 'farmprobe_probes_total', home).map(
      ({ labels }) => labels.lane,
    )
    expect(new Set(lanes)).toEqual(new Set(['canary']))
  })

  test('histograms, phases, outages, verdicts and culprits exist at zero', async () => {
    const all = await read.samples()
    for (const [name, count] of [
      ['farmprobe_first_byte_seconds_count', 2],
      ['farmprobe_duration_seconds_count', 2],
      ['farmprobe_first_request_seconds_count', 2],
      // They begin with their first event.
      ['farmprobe_outage_seconds_count', 0],
      ['farmprobe_stall_seconds_count', 0],
      ['farmprobe_gateway_errors_total', 0],
      ['farmprobe_phase_seconds_total', 12],
      ['farmprobe_outages_total', 2],
      ['farmprobe_recycles_total', 8],
      ['farmprobe_verdict', 6],
      ['farmprobe_verdict_seconds_total', 6],
      ['farmprobe_balancer_errors_attributed_total', 11],
      ['farmprobe_missed_slots_total', 2],
      ['farmprobe_in_maintenance', 1],
    ] as const) {
      const found = select(all, name)
      expect([name, found.length]).toEqual([name, count])
      expect(found.every((sample) => sample.value === 0)).toBe(true)
    }
  })

  test('a target without TLS has no certificate to expire', async () => {
    read.metrics.setFarms([sampleFarm({ nodes: [sampleNode('web01', { scheme: 'http' })] })])
    const found = select(await read.samples(), 'farmprobe_tls_not_after_timestamp_seconds')
    expect(found.map(({ labels }) => labels.target)).toEqual([balancerName])
  })

  test('answers by node exist only where served_by is configured: for every node, other and none', async () => {
    expect(select(await read.samples(), 'farmprobe_served_by_total')).toEqual([])
    read.metrics.setFarms([sampleFarm({ servedBy: { header: 'X-Node' } }, ['web01', 'web02'])])
    const nodes = select(await read.samples(), 'farmprobe_served_by_total').map(({ labels }) => labels.node)
    expect([...new Set(nodes)]).toEqual(['web01', 'web02', 'other', 'none'])
  })

  test('the build names its version and that of Node.js', async () => {
    expect(
      await read.value('farmprobe_build_info', { version: '1.2.3', node_version: process.version }),
    ).toBe(1)
  })
})

describe('the split', () => {
  test('without one there is one shard, and no series that names it', async () => {
    expect(await read.value('farmprobe_shards')).toBe(1)
    expect(select(await read.samples(), 'farmprobe_shard_info')).toEqual([])
  })
})

describe('what the service writes', () => {
  test('the first verdict ever reported is the present one, a later one is not', async () => {
    read.metrics.verdictTime('intranet', 'home', 'ok', 2.5)
    read.metrics.verdictTime('intranet', 'home', 'masked', 1)
    expect(await read.value('farmprobe_verdict', { verdict: 'ok' })).toBe(1)
    expect(await read.value('farmprobe_verdict_seconds_total', { verdict: 'ok' })).toBe(2.5)
    expect(await read.value('farmprobe_verdict_seconds_total', { verdict: 'masked' })).toBe(1)
  })

  test('single series, by their labels', async () => {
    read.metrics.add('farmprobe_missed_slots_total', home, 3)
    read.metrics.set('farmprobe_baseline_first_byte_seconds', home, 0.04)
    read.metrics.add('farmprobe_discovery_failures_total', { farm: 'intranet', kind: 'dns' })
    read.metrics.set('farmprobe_in_flight', {}, 7)
    expect(await read.value('farmprobe_missed_slots_total', home)).toBe(3)
    expect(
      await read.value('farmprobe_baseline_first_byte_seconds', { target: 'web01', check: 'home' }),
    ).toBe(0.04)
    expect(await read.value('farmprobe_discovery_failures_total', { farm: 'intranet', kind: 'dns' })).toBe(1)
    expect(await read.value('farmprobe_in_flight')).toBe(7)
  })

  test('observations of a histogram', async () => {
    for (const seconds of [0.003, 7]) read.metrics.add('farmprobe_journal_write_seconds', {}, seconds)
    expect(await read.value('farmprobe_journal_write_seconds_sum')).toBe(7.003)
    expect(await read.value('farmprobe_journal_write_seconds_bucket', { le: '0.0025' })).toBe(0)
    expect(await read.value('farmprobe_journal_write_seconds_bucket', { le: '0.005' })).toBe(1)
    expect(await read.value('farmprobe_journal_write_seconds_bucket', { le: '+Inf' })).toBe(2)
  })

  test('nothing of a farm that is gone', async () => {
    read.metrics.add('farmprobe_discovery_failures_total', { farm: 'removed', kind: 'dns' })
    expect(await read.text()).not.toContain('removed')
  })

  test('a failed reload keeps the time of the last good one', async () => {
    read.metrics.reloaded('config', true)
    read.metrics.reloaded('config', false)
    expect(await read.value('farmprobe_config_last_reload_successful')).toBe(0)
    const time = await read.value('farmprobe_config_last_reload_success_timestamp_seconds')
    expect(time).toBe(1_700_000_000)
  })

  test('prober threads have series while they exist', async () => {
    read.metrics.loopDelay(0, { p50Ms: 1, p99Ms: 2, maxMs: 30 })
    read.metrics.add('farmprobe_prober_restarts_total', { prober: '1' })
    const quantile = (text: string) =>
      read.value('farmprobe_prober_loop_delay_seconds', { prober: '0', quantile: text })
    expect([await quantile('0.5'), await quantile('0.99'), await quantile('1.0')]).toEqual([
      0.001, 0.002, 0.03,
    ])
    expect(await read.value('farmprobe_prober_restarts_total', { prober: '1' })).toBe(1)
    read.metrics.setProbers([1])
    expect(await read.value('farmprobe_prober_restarts_total', { prober: '1' })).toBe(1)
    expect(await quantile('0.5')).toBeUndefined()
  })
})

describe('other farms', () => {
  test('leave the counters of what stays as they are', async () => {
    read.metrics.observe(sampleOutcome())
    const login = sampleCheck({ name: 'login' })
    read.metrics.setFarms([
      sampleFarm({ checks: [sampleCheck(), login] }, ['web01', 'web02']),
      sampleFarm({ name: 'b' }),
    ])
    expect(await read.value('farmprobe_duration_seconds_count', home)).toBe(1)
    read.metrics.observe(sampleOutcome())
    expect(await read.value('farmprobe_duration_seconds_count', home)).toBe(2)
  })

  test('remove the series of nodes, checks and farms that are gone', async () => {
    const login = sampleCheck({ name: 'login' })
    read.metrics.setFarms([sampleFarm({ checks: [sampleCheck(), login] }, ['web01', 'web02'])])
    expect(await read.text()).toContain('web02')
    read.metrics.setFarms([sampleFarm({}, ['web01'])])
    expect(await read.text()).not.toMatch(/web02|login/)
    read.metrics.setFarms([])
    expect(await read.text()).not.toContain('intranet')
  })

  test('start a target again at zero when it comes back', async () => {
    read.metrics.observe(sampleOutcome())
    read.metrics.setFarms([])
    read.metrics.setFarms([sampleFarm()])
    expect(await read.value('farmprobe_duration_seconds_count', home)).toBe(0)
  })

  test('change which series exist at zero, and keep what was counted', async () => {
    read.metrics.observe(sampleOutcome())
    read.metrics.setFarms([sampleFarm({ checks: [sampleCheck({ canary: true })] })])
    const probes = select(await read.samples(), 'farmprobe_probes_total', { ...home, result: 'ok' })
    expect(probes.map((probe) => [probe.labels.lane, probe.value])).toEqual([
      ['tick', 1],
      ['canary', 0],
    ])
  })
})
