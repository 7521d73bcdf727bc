/** What a target says, a client asks or a file names is remembered up to a bound, whatever it is and however much of it. */
import { assert, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMonitor } from '../src/detect/monitor.ts'
import { createMetrics } from '../src/metrics/metrics.ts'
import { type Outcome, reasons } from '../src/model/outcome.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { createLive } from '../src/web/live/live.ts'
import { sampleFarm, sampleOutcome } from './support/farms/sample_farm.ts'
import { createSimulatedClock } from './support/simulated_clock.ts'

const startMs = Date.UTC(2026, 6, 1)
const nodes = ['web01', 'web02']
const farm = sampleFarm({}, nodes)

/** A farm whose targets say something else with each answer, and answer as they like. */
function* churn(seed: number, count: number): Generator<Outcome> {
  const chance = seededRandom(seed)
  const word = () => `${chance().toString(36)}${'x'.repeat(200)}`
  for (let at = 0; at < count; at++) {
    const target = ['balancer', ...nodes][at % 3] ?? ''
    const startedMs = startMs + at * 700
    const isBad = chance() < 0.3
    yield sampleOutcome({
      target,
      role: target === 'balancer' ? 'balancer' : 'node',
      startedMs,
      slotMs: startedMs,
      id: `${at}`,
      identity: chance() < 0.5 ? word() : `token ${Math.floor(chance() * 40)}`,
      servedBy: word(),
      detail: word(),
      firstByteMs: chance() < 0.1 ? 60_000 * chance() : 20,
      totalMs: 60_000 * chance() ** 4 + 25,
      ...(isBad && {
        reason: reasons[Math.floor(chance() * reasons.length)] ?? 'ok',
        status: [0, 200, 500, 502, 503][Math.floor(chance() * 5)] ?? 0,
        origin: word(),
        tells: word(),
      }),
    })
  }
}

const bytesOf = (value: unknown) => JSON.stringify(value).length

describe('whatever the targets of a farm say', () => {
  test('what the detectors know of it stays small', () => {
    assert(
      property(nat(), (seed) => {
        const monitor = createMonitor(farm)
        let most = 0
        for (const outcome of churn(seed, 9000)) {
          monitor.observe(outcome)
          if (Number(outcome.id) % 500 !== 0) continue
          monitor.advance(outcome.startedMs)
          most = Math.max(most, bytesOf(monitor.state()) + bytesOf(monitor.baselines()))
        }
        expect(most).toBeLessThan(150_000)
      }),
      { numRuns: 3 },
    )
  })

  test('there are no more series than before the first probe, but for reasons, codes and lanes', async () => {
    const metrics = createMetrics({ clock: createSimulatedClock(startMs), version: '1' })
    metrics.setFarms([farm])
    const linesNow = async () => {
      let text = ''
      for await (const chunk of metrics.render(undefined).chunks) text += chunk
      expect(text).not.toContain('xxx')
      return text.split('\n').filter((line) => line.startsWith('farmprobe_')).length
    }
    for (const outcome of churn(1, 5000)) metrics.observe(outcome)
    const before = await linesNow()
    for (const outcome of churn(2, 20_000)) metrics.observe(outcome)
    expect(await linesNow()).toBeLessThan(before + 20)
  })

  test('the page remembers the newest of it', () => {
    const { recent, observe } = createLive(createSimulatedClock(startMs))
    for (const outcome of churn(3, 6000)) observe(outcome)
    const always = { sinceMs: 0, untilMs: 1e15 }
    expect(recent.failures(always, {}, 1e6).length).toBeLessThanOrEqual(500)
    expect(recent.probes({ farm: farm.name, target: 'web01', check: 'home' }, always)).toHaveLength(300)
    expect(recent.steps(always, {}, 60_000).flatMap(({ steps }) => steps).length).toBeLessThanOrEqual(3 * 181)
  })
})
