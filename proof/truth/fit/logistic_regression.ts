/** Logistic regression: which weights make a sum of evidence the log-odds of what is true. */

export interface Sample {
  readonly evidence: Readonly<Record<string, number>>
  readonly isTrue: boolean
  /** How much it counts. */
  readonly weight: number
}

export type Weights = Readonly<Record<string, number>>

/** The name of the weight that is there without any evidence. */
const constant = 'constant'

/** Draws weights towards 0, so that evidence that is never wrong gets a finite one. */
const ridge = 0.001
const rounds = 40

/**
 * The weights of the greatest likelihood by Newton's method, after a ridge penalty; evidence that a sample has not is 0.
 * See Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.4.1.
 */
export function logisticRegression(samples: readonly Sample[]): Weights {
  const names = [constant, ...new Set(samples.flatMap(({ evidence }) => Object.keys(evidence)))]
  const rows = samples.map(({ evidence }) =>
    names.map((name) => (name === constant ? 1 : (evidence[name] ?? 0))),
  )
  const total = samples.reduce((sum, { weight }) => sum + weight, 0)
  let beta = names.map(() => 0)
  for (let round = 0; round < rounds; round++) {
    const gradient = beta.map((value) => -ridge * value)
    const hessian = names.map((_, i) => names.map((__, j) => (i === j ? ridge : 0)))
    for (const [index, { isTrue, weight }] of samples.entries()) {
      const row = rows[index] as number[]
      const p = 1 / (1 + Math.exp(-dot(beta, row)))
      const share = weight / total
      for (const [i, x] of row.entries()) {
        gradient[i] = (gradient[i] ?? 0) + share * (Number(isTrue) - p) * x
        const line = hessian[i] as number[]
        for (const [j, y] of row.entries()) line[j] = (line[j] ?? 0) + share * p * (1 - p) * x * y
      }
    }
    const step = solved(hessian, gradient)
    beta = beta.map((value, i) => value + (step[i] ?? 0))
  }
  return Object.fromEntries(names.map((name, i) => [name, beta[i] ?? 0]))
}

/** 0 to 1. */
export const probability = (weights: Weights, evidence: Sample['evidence']): number =>
  1 /
  (1 +
    Math.exp(
      -Object.entries(weights).reduce(
        (sum, [name, weight]) => sum + weight * (evidence[name] ?? Number(name === constant)),
        0,
      ),
    ))

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

/** Solves a system of linear equations with a positive definite matrix by elimination. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((line, i) => [...line, right[i] ?? 0])
  for (const [i, pivot] of rows.entries())
    for (const [k, row] of rows.entries()) {
      if (k === i) continue
      const factor = (row[i] ?? 0) / (pivot[i] ?? 1)
      for (let j = i; j < row.length; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0)
    }
  return rows.map((row, i) => (row.at(-1) ?? 0) / (row[i] ?? 1))
}
