import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { type Sample, total } from '../support/rules/exposition.ts'

const coldMs = 4000
const intervalMs = 500
const overlap = 4

describe('a node whose first request takes 4 s, probed every 500 ms', () => {
  test('is recorded at its whole length while ticks go on and nothing else is late', async () => {
    await using nodes = await startScriptedNodes('balancer', 'slow', 'quick')
    const slow = nodes.named('slow')
    await slow.restart({ coldMs })
    const check = { interval: `${intervalMs}ms`, timeout: '6s', overlap, targets: ['nodes'], burst: false }
    const tested = [slow, nodes.named('quick')]
    await using farmprobe = await startFarmprobe(
      shopConfig({ balancer: nodes.named('balancer').address, nodes: tested, check }),
    )
    const ofSlow = () => farmprobe.probes().filter(({ target }) => target === 'slow')
    await eventually('ticks after the cold start', ofSlow, ({ length }) => length > overlap + 2)

    const warmAtMs = (slow.requests[0]?.atMs ?? 0) + coldMs
    const cold = slow.requests.filter(({ atMs }) => atMs < warmAtMs)
    expect(cold.length, 'in flight at most').toBe(overlap)
    for (const { id, atMs } of cold) {
      const { firstByteMs = 0 } = ofSlow().find((probe) => probe.id === id) ?? {}
      expect(Math.abs(firstByteMs - (warmAtMs - atMs)), 'milliseconds off').toBeLessThan(200)
    }
    await expectEverySlotCounted(farmprobe, 3)
  })
})

/** Between two ticks, each slot of the slow node was probed or counted as missed, and the quick node's were probed. */
async function expectEverySlotCounted(farmprobe: Farmprobe, leastMissed: number): Promise<void> {
  const { slow, quick, metrics } = await eventually(
    'a moment between two ticks',
    async () => {
      const metrics = await farmprobe.metrics()
      return { metrics, slow: slotsOf(metrics, 'slow'), quick: slotsOf(metrics, 'quick') }
    },
    ({ slow, quick }) => slow.probed + slow.missed === quick.probed,
  )
  expect(slow.missed).toBeGreaterThanOrEqual(leastMissed)
  expect(quick).toEqual({ probed: slow.probed + slow.missed, missed: 0 })
  expect(total(metrics, 'farmprobe_probes_total', { target: 'quick' })).toBe(
    total(metrics, 'farmprobe_probes_total', { target: 'quick', result: 'ok' }),
  )
  const late = total(metrics, 'farmprobe_schedule_lag_seconds_sum')
  const starts = total(metrics, 'farmprobe_schedule_lag_seconds_count')
  expect(late / starts, 'mean lag in seconds').toBeLessThan(0.1)
}

const slotsOf = (metrics: readonly Sample[], target: string) => ({
  probed: total(metrics, 'farmprobe_probes_total', { target, lane: 'tick' }),
  missed: total(metrics, 'farmprobe_missed_slots_total', { target }),
})
