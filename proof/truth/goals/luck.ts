/** How likely it is that a figure misses its goal by bad luck alone. */

/** Counts as luck: a detector that just reaches the goal does this badly in at least this share of runs. */
const luckFrom = 0.05

/** Whether a detector that misses `share` of all may miss `misses` of `count` by bad luck. */
export const luckyShare = (misses: number, count: number, share: number): boolean =>
  1 - below(misses, (k) => Math.log(share) * k + Math.log(1 - share) * (count - k) + logChoose(count, k)) >=
  luckFrom

/** Whether `count` events may be bad luck where `mean` are expected. */
export const luckyCount = (count: number, mean: number): boolean =>
  1 - below(count, (k) => k * Math.log(mean) - mean - logFactorial(k)) >= luckFrom

/** The probability of fewer than `count`, given the logarithm of the probability of each number. */
function below(count: number, logProbability: (k: number) => number): number {
  let sum = 0
  for (let k = 0; k < count; k++) sum += Math.exp(logProbability(k))
  return sum
}

const logFactorials = [0]

function logFactorial(n: number): number {
  for (let next = logFactorials.length; next <= n; next++)
    logFactorials.push((logFactorials[next - 1] ?? 0) + Math.log(next))
  return logFactorials[n] ?? 0
}

const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k)
