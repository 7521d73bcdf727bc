import { beforeEach, describe, expect, test } from 'vitest'
import type { Crosscheck } from '../../src/model/farm.ts'
import { sampleFarm } from '../support/farms/sample_farm.ts'
import { select, total } from '../support/rules/exposition.ts'
import { type MetricsReader, metricsReader } from '../support/rules/metrics_reader.ts'

const home = { farm: 'intranet', role: 'node', target: 'web01', check: 'home' } as const

let read: MetricsReader

const crosscheck: Crosscheck = {
  exporter: false,
  scheme: 'http',
  port: 9182,
  path: '/metrics',
  pools: ['shop'],
  intervalMs: 15_000,
  timeoutMs: 5000,
  toleranceMs: 120_000,
  tls: { insecure: false, minVersion: 'TLSv1.2' },
  exceptions: [],
}

beforeEach(() => {
  read = metricsReader()
  read.metrics.setFarms([sampleFarm()])
})

const blamed = (node: string, cause: string) =>
  read.value('farmprobe_balancer_errors_attributed_total', { farm: 'intranet', node, cause })

describe('an event', () => {
  const happening = { atMs: 1_600_000_000_500, farm: 'intranet', maintenance: false }
  const node = { farm: 'intranet', target: 'web01' }

  test('of a recycle counts by evidence and leaves its time', async () => {
    read.metrics.record({
      ...happening,
      kind: 'recycle',
      target: 'web01',
      evidence: 'identity',
      confidence: 1,
    })
    expect(await read.value('farmprobe_recycles_total', { ...node, evidence: 'identity' })).toBe(1)
    expect(await read.value('farmprobe_last_recycle_timestamp_seconds', node)).toBe(1_600_000_000.5)
  })

  test('of a first request is measured on its own', async () => {
    const first = { target: 'web01', check: 'home', firstByteMs: 9400, reason: 'ok' } as const
    read.metrics.record({ ...happening, kind: 'first_request', ...first })
    expect(await read.value('farmprobe_first_request_seconds_sum', { ...node, check: 'home' })).toBe(9.4)
    expect(await read.value('farmprobe_first_request_seconds_bucket', { ...node, le: '10.0' })).toBe(1)
  })

  test('of an outage counts when it opens, and its length when it closes', async () => {
    read.metrics.record({ ...happening, ...home, kind: 'outage_opened', reason: 'refused', detail: '' })
    expect(await read.value('farmprobe_outages_total', home)).toBe(1)
    expect(total(await read.samples(), 'farmprobe_outage_seconds_count')).toBe(0)
    const closed = { reason: 'refused', lengthMs: 1500, failures: { refused: 3 } } as const
    read.metrics.record({ ...happening, ...home, kind: 'outage_closed', ...closed })
    expect(await read.value('farmprobe_outage_seconds_sum', node)).toBe(1.5)
    expect(total(await read.samples(), 'farmprobe_outages_total')).toBe(1)
  })

  test('of a new verdict makes it the present one', async () => {
    const changed = { check: 'home', heldMs: 1000 }
    read.metrics.record({ ...happening, kind: 'verdict', verdict: 'masked', previous: 'ok', ...changed })
    read.metrics.record({ ...happening, kind: 'verdict', verdict: 'ok', previous: 'masked', ...changed })
    const shown = select(await read.samples(), 'farmprobe_verdict').filter((sample) => sample.value === 1)
    expect(shown.map(({ labels }) => labels.verdict)).toEqual(['ok'])
  })

  test('of a balancer error counts for its culprit, or as unknown when that is gone', async () => {
    const error = {
      check: 'home',
      id: 'x',
      lane: 'tick' as const,
      status: 502,
      origin: 'unknown',
      firstByteMs: 3,
      cause: 'recycle',
    }
    read.metrics.record({ ...happening, kind: 'balancer_error', node: 'web01', ...error, cause: 'recycle' })
    read.metrics.record({ ...happening, kind: 'balancer_error', node: 'web77', ...error, cause: 'timeout' })
    expect(await blamed('web01', 'recycle')).toBe(1)
    expect(await blamed('unknown', 'timeout')).toBe(1)
  })

  test('of a cross-check counts once, and its reason once, whatever is told of it later', async () => {
    read.metrics.setFarms([sampleFarm({ crosscheck })])
    const was = {
      atMs: happening.atMs,
      id: 5186,
      reason: 'idle',
      what: 'ended by its idle time-out',
    } as const
    const span = { fromMs: happening.atMs, toMs: happening.atMs }
    const inside = { ...span, cause: 'start', workers: 1, pools: ['shop'] } as const
    const told = { ...happening, kind: 'crosscheck', target: 'web01' } as const
    read.metrics.record({ ...told, seen: 'inside', inside })
    read.metrics.record({ ...told, seen: 'inside', late: 'reason', inside: { ...inside, was } })
    read.metrics.record({ ...told, seen: 'both', late: 'outside', inside: { ...inside, was } })
    expect(await read.value('farmprobe_was_recycles_total', { ...node, reason: 'idle' })).toBe(1)
    expect(total(await read.samples(), 'farmprobe_crosscheck_recycles_total')).toBe(1)
  })

  test('of a deploy and of maintenance belong to the farm', async () => {
    read.metrics.record({ ...happening, kind: 'deploy', targets: ['web01'] })
    read.metrics.record({ ...happening, kind: 'maintenance', active: true })
    expect(await read.value('farmprobe_deploys_total', { farm: 'intranet' })).toBe(1)
    expect(await read.value('farmprobe_in_maintenance', { farm: 'intranet' })).toBe(1)
    read.metrics.record({ ...happening, kind: 'maintenance', active: false })
    expect(await read.value('farmprobe_in_maintenance', { farm: 'intranet' })).toBe(0)
  })

  test('of what is gone counts nowhere', async () => {
    const gone = { ...happening, farm: 'removed', target: 'web01', check: 'home' }
    read.metrics.record({ ...gone, kind: 'recycle', evidence: 'outage', confidence: 1 })
    read.metrics.record({ ...gone, kind: 'verdict', verdict: 'ok', previous: 'ok', heldMs: 0 })
    read.metrics.verdictTime('removed', 'home', 'ok', 1)
    expect(await read.text()).not.toContain('removed')
  })
})
