import { describe, expect, it } from 'vitest'
import { inForm } from '../../../../proof/truth/jobs.ts'
import { createVirtualClock } from '../../../../proof/truth/simulated/virtual_clock.ts'
import { watchFarm } from '../../../../proof/truth/simulated/watch_farm.ts'

const hourMs = 3_600_000

describe('a virtual clock', () => {
  it('fires timers in the order of their time, and those of one moment in the order they were set', () => {
    const clock = createVirtualClock(1000)
    const fired: string[] = []
    clock.after(20, () => fired.push(`late ${clock.wallMs()}`))
    clock.after(10, () => fired.push(`first ${clock.wallMs()}`))
    clock.after(10, () => fired.push(`second ${clock.monotonicMs()}`))
    const cancel = clock.after(15, () => fired.push('cancelled'))
    cancel()
    while (clock.nextMs() < Number.POSITIVE_INFINITY) clock.step()
    expect(fired).toEqual(['first 1010', 'second 1010', 'late 1020'])
  })
})

describe('watching a virtual farm', () => {
  it('is the same twice with the same seed, and another with another', async () => {
    const scenario = inForm('everything', 'identity')
    const once = await watchFarm(scenario, 5, 6 * hourMs)
    const again = await watchFarm(scenario, 5, 6 * hourMs)
    const other = await watchFarm(scenario, 6, 6 * hourMs)
    expect(again.truth).toEqual(once.truth)
    expect(again.events).toEqual(once.events)
    expect(other.truth).not.toEqual(once.truth)
  })

  it('starts a burst and a sweep when a node fails, as the prober does', async () => {
    const quiet = await watchFarm(inForm('warm and quiet', 'identity'), 1, hourMs)
    const ticks = (hourMs / 5000) * 5
    // One round of five, a sweep, goes before the first tick.
    expect(quiet.probes).toBeGreaterThanOrEqual(ticks)
    expect(quiet.probes).toBeLessThan(ticks * 1.1)
    const troubled = await watchFarm(inForm('silent nodes', 'identity'), 1, 6 * hourMs)
    expect(troubled.probes).toBeGreaterThan(6 * ticks * 1.005)
  })
})
