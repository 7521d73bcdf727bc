/**
 * How far small numbers can be trusted: 95 % intervals. Counts of rare and independent things follow Poisson's law
 * (Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936). Errors come in bunches, so their
 * bunches are counted, each with its size as weight (Fay and Feuer, "Confidence intervals for directly standardized
 * rates", Statistics in Medicine 16, 1997). Quantiles lie between order statistics, whatever the distribution
 * (Conover, "Practical Nonparametric Statistics", section 3.2).
 */

export interface Interval {
  readonly low: number
  /** Absent: nothing bounds it, so small is the sample. */
  readonly high?: number
}

const tail = 0.025

/** The expected count behind a count of independent things. */
export const countInterval = (count: number): Required<Interval> => weightedInterval(Array(count).fill(1), 1)

/**
 * The expected sum behind bunches of these sizes, of which the bunches are independent. Nothing found says less about
 * large bunches than about small ones: `usual` is how large a bunch is usually.
 */
export function weightedInterval(sizes: readonly number[], usual: number): Required<Interval> {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const variance = sizes.reduce((sum, size) => sum + size ** 2, 0)
  const largest = sizes.reduce((most, size) => Math.max(most, size), usual)
  const above = variance + largest ** 2
  const degrees = (2 * (total + largest) ** 2) / above
  return {
    low: total === 0 ? 0 : (variance / (2 * total)) * chiSquare(tail, (2 * total ** 2) / variance),
    high: (above / (2 * (total + largest))) * chiSquare(1 - tail, degrees),
  }
}

/** Where the quantile `q` of all values is, going by these; they must be sorted. Undefined when there are none. */
export function quantileInterval(sorted: readonly number[], q: number): Interval | undefined {
  const count = sorted.length
  if (count === 0) return undefined
  let below = 0
  let low = 0
  let high: number | undefined
  for (let rank = 0; rank <= count; rank++) {
    // The chance that exactly so many of the values lie below the quantile.
    below += binomial(count, rank, q)
    if (below <= tail) low = rank + 1
    if (below >= 1 - tail) {
      high = rank
      break
    }
  }
  const lowest = low === 0 ? 0 : (sorted[low - 1] as number)
  const highest = high === undefined ? undefined : sorted[high]
  return { low: lowest, ...(highest !== undefined && { high: highest }) }
}

/** What a chi-square variable keeps to with chance `p`. */
export function chiSquare(p: number, degrees: number): number {
  let low = 0
  let high = Math.max(10, degrees)
  while (gammaShare(degrees / 2, high / 2) < p) high *= 2
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2
    if (gammaShare(degrees / 2, middle / 2) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The regularized lower incomplete gamma function P(a, x), by its series or its continued fraction. */
function gammaShare(a: number, x: number): number {
  if (x <= 0) return 0
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? scale * series(a, x) : 1 - scale * fraction(a, x)
}

function series(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < 1000 && term > sum * 1e-15; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** Lentz's method. */
function fraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let product = d
  for (let n = 1; n < 1000; n++) {
    const factor = -n * (n - a)
    b += 2
    d = 1 / (factor * d + b || tiny)
    c = b + factor / c || tiny
    product *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return product
}

/** Stirling's series, after a shift to where it is exact to 14 digits. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x)
  const inverse = 1 / (x * x)
  const correction = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + correction
}

function binomial(n: number, k: number, p: number): number {
  const ways = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
  return Math.exp(ways + k * Math.log(p) + (n - k) * Math.log(1 - p))
}
