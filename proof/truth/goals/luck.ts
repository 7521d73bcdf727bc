/** How likely it is that a figure is below its goal by bad luck alone. */

/** From here on it is luck: a detector that just reaches the goal would do as badly as this in so many of 100 runs. */
const luckFrom = 0.05

/** Whether `misses` of `count` may be bad luck of somebody who misses only `share` of all. */
export const luckyShare = (misses: number, count: number, share: number): boolean =>
  1 - below(misses, (k) => Math.log(share) * k + Math.log(1 - share) * (count - k) + logChoose(count, k)) >=
  luckFrom

/** Whether `count` events may be bad luck where `mean` are to be expected at most. */
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
