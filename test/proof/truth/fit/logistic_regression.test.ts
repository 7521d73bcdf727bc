import { describe, expect, it } from 'vitest'
import { logisticRegression, probability } from '../../../../proof/truth/fit/logistic_regression.ts'
import { seededRandom } from '../../../../src/runtime/random.ts'

const random = seededRandom(1)
const samples = Array.from({ length: 4000 }, () => {
  const evidence = { waiters: 4 * random() - 2, refused: Number(random() < 0.2) }
  const logOdds = -1 + 2 * evidence.waiters + 3 * evidence.refused
  return { evidence, isTrue: random() < 1 / (1 + Math.exp(-logOdds)), weight: 1 }
})

describe('a logistic regression', () => {
  it('finds the weights that made the truth', () => {
    const { constant, waiters, refused } = logisticRegression(samples)
    expect(constant).toBeCloseTo(-1, 0)
    expect(waiters).toBeCloseTo(2, 0)
    expect(refused).toBeCloseTo(3, 0)
  })

  it('is calibrated: of what it takes for 70 to 90 % likely as many are true', () => {
    const weights = logisticRegression(samples)
    const sure = samples
      .map((sample) => ({ ...sample, p: probability(weights, sample.evidence) }))
      .filter(({ p }) => p >= 0.7 && p < 0.9)
    const mean = sure.reduce((sum, { p }) => sum + p, 0) / sure.length
    expect(sure.filter(({ isTrue }) => isTrue).length / sure.length).toBeCloseTo(mean, 1)
  })

  it('gives evidence that is never wrong a finite weight', () => {
    const certain = [0, 0, 1, 1].map((reset) => ({
      evidence: { reset },
      isTrue: reset === 1,
      weight: 1,
    }))
    const { reset } = logisticRegression(certain)
    expect(reset).toBeGreaterThan(5)
    expect(reset).toBeLessThan(50)
  })

  it('counts a sample as often as it weighs', () => {
    const [yes, no] = [true, false].map((isTrue) => ({ evidence: {}, isTrue, weight: isTrue ? 3 : 1 }))
    if (yes === undefined || no === undefined) throw new Error('two samples')
    expect(probability(logisticRegression([yes, no]), {})).toBeCloseTo(0.75, 2)
  })
})
