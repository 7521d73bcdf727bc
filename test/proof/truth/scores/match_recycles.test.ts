import { describe, expect, it } from 'vitest'
import { matchRecycles } from '../../../../proof/truth/scores/match_recycles.ts'
import { scenarios } from '../../../../proof/truth/simulated/scenarios.ts'
import type { Recycle } from '../../../../src/model/event.ts'
import type { RecycleTruth } from '../../../../src/simulator/farm/true_events.ts'

const garden = scenarios['web garden']
const farm = scenarios['recycles on demand']

const worker = (atMs: number, slot = 0, node = 'web01'): RecycleTruth => ({
  kind: 'recycle',
  atMs,
  node,
  app: '/',
  cause: 'demand',
  servesMs: atMs + 600,
  worker: slot,
  token: `${atMs}-${slot}`,
  overlapped: true,
  preloaded: false,
  coldMs: 6000,
})

const reported = (atMs: number, target = 'web01'): Recycle => ({
  kind: 'recycle',
  atMs,
  farm: 'farm',
  maintenance: false,
  target,
  evidence: 'identity',
  confidence: 1,
})

const found = (real: readonly { readonly reported: readonly Recycle[] }[]) =>
  real.map((each) => each.reported.length)

describe('matching recycles', () => {
  it('takes the workers of a web garden that are replaced together for one recycle', () => {
    const truth = [0, 1, 2, 3].map((slot) => worker(1_000_000 + slot, slot))
    const { real, wrong } = matchRecycles(truth, [reported(1_005_000)], garden)
    expect(found(real)).toEqual([1])
    expect(wrong).toEqual([])
  })

  it('lets each new worker of a web garden be reported of, and no more', () => {
    const truth = [0, 1].map((slot) => worker(1_000_000, slot))
    const { real, wrong } = matchRecycles(
      truth,
      [reported(1_001_000), reported(1_002_000), reported(1_003_000)],
      garden,
    )
    expect(found(real)).toEqual([2])
    expect(wrong).toHaveLength(1)
  })

  it('tells one recycle of a node from the next', () => {
    const truth = [worker(1_000_000), worker(1_030_000)]
    const { real, wrong } = matchRecycles(truth, [reported(1_002_000), reported(1_033_000)], farm)
    expect(found(real)).toEqual([1, 1])
    expect(wrong).toEqual([])
  })

  it('accepts the beginning of the outage that a worker came up after', () => {
    const outage = {
      kind: 'outage',
      atMs: 900_000,
      toMs: 998_000,
      target: 'web01',
      how: 'refused',
    } as const
    const early = [reported(901_000)]
    expect(found(matchRecycles([outage, worker(1_000_000)], early, farm).real)).toEqual([1])
    expect(found(matchRecycles([worker(1_000_000)], early, farm).real)).toEqual([0])
  })

  it('does not take the recycle of one node for that of another', () => {
    const { real, wrong } = matchRecycles([worker(1_000_000)], [reported(1_001_000, 'web02')], farm)
    expect(found(real).filter((count) => count > 0)).toEqual([])
    expect(wrong).toHaveLength(1)
  })
})
