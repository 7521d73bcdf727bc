import { describe, expect, test } from 'vitest'
import { judge, type Point, slopeOf } from '../../../../proof/faults/soak/slope.ts'
import { seededRandom } from '../../../../src/runtime/random.ts'

/** Half an hour of readings that grow by so much an hour, with noise and a wave on them. */
function readings(perHour: number, noise: number, seed = 1): Point[] {
  const random = seededRandom(seed)
  return Array.from({ length: 80 }, (_, index) => {
    const hours = (index / 80) * 0.5
    return [hours, 60 + perHour * hours + noise * (random() - 0.5) + noise * Math.sin(index / 3)] as const
  })
}

describe('the growth of a row of readings', () => {
  test('of a straight line is known exactly', () => {
    const { perHour, low, high } = slopeOf(readings(5, 0))
    expect(perHour).toBeCloseTo(5, 6)
    expect(high - low).toBeCloseTo(0, 6)
  })

  test('lies within its interval in at least nine of ten noisy rows', () => {
    const within = Array.from({ length: 200 }, (_, seed) => slopeOf(readings(3, 2, seed))).filter(
      ({ low, high }) => low <= 3 && 3 <= high,
    )
    expect(within.length).toBeGreaterThanOrEqual(180)
  })
})

describe('the verdict', () => {
  test.each([
    ['no growth', 0, 0.2],
    ['GROWS', 10, 1],
    ['not proven', 2, 4],
  ])('is %s for %d an hour with a noise of %d, when 2 are allowed', (verdict, perHour, noise) => {
    expect(judge(slopeOf(readings(perHour, noise)), 2)).toBe(verdict)
  })
})
