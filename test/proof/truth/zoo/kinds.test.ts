import { describe, expect, it } from 'vitest'
import type { Timetable } from '../../../../proof/truth/zoo/kind.ts'
import { kinds } from '../../../../proof/truth/zoo/kinds/all.ts'
import {
  allWithin,
  inARow,
  nowAndThen,
  oneAfterTheOther,
} from '../../../../proof/truth/zoo/kinds/timetables.ts'
import { seededRandom } from '../../../../src/runtime/random.ts'

const timetable = (seed = 1): Timetable => ({
  random: seededRandom(seed),
  nodes: ['web01', 'web02', 'web03'],
  forS: 180,
})

describe('actions', () => {
  it('are the same for the same seed, and different for another', () => {
    const plan = nowAndThen('reload', 20)
    expect(plan(timetable())).toEqual(plan(timetable()))
    expect(plan(timetable())).not.toEqual(plan(timetable(2)))
  })

  it.each([
    ['now and then', nowAndThen('reload', 20)],
    ['one node after the other', oneAfterTheOther('reload', 10, 20)],
    ['all within seconds', allWithin('reload', 4, 60)],
    ['in a row', inARow('reload', 20, 3)],
  ])('%s concern existing nodes and lie in the scored time', (_, plan) => {
    for (const seed of [1, 2, 3]) {
      const actions = plan(timetable(seed))
      expect(actions.length).toBeGreaterThan(3)
      for (const { atS, node } of actions) {
        expect(timetable().nodes).toContain(node)
        expect(atS).toBeGreaterThanOrEqual(0)
        expect(atS).toBeLessThan(180)
      }
    }
  })

  it('one node after the other have their gap, and all within seconds are close', () => {
    const [first, second, third] = oneAfterTheOther('reload', 10, 20)(timetable())
    expect([first?.node, second?.node, third?.node]).toEqual(['web01', 'web02', 'web03'])
    expect((second?.atS ?? 0) - (first?.atS ?? 0)).toBeCloseTo(10)
    const close = allWithin(
      'reload',
      4,
      60,
    )(timetable())
      .slice(0, 3)
      .map(({ atS }) => atS)
    expect(Math.max(...close) - Math.min(...close)).toBeLessThan(4)
  })
})

describe('kinds', () => {
  it('have unique names and a description', () => {
    expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length)
    for (const { about } of kinds) expect(about.length).toBeGreaterThan(20)
  })

  it('use settings of HAProxy only with HAProxy', () => {
    const others = kinds.filter(({ balancer }) => balancer.product !== 'haproxy')
    expect(others.filter(({ balancer }) => balancer.health || balancer.cookie)).toEqual([])
  })
})
