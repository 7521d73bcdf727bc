/** Whether a series of readings grows, and how sure that is. */

/** One reading: when, and how much. */
export type Point = readonly [hours: number, value: number]

/** Growth per hour, with the interval in which it lies in 95 of 100 cases. */
export interface Slope {
  readonly perHour: number
  readonly low: number
  readonly high: number
}

/** Neighbouring readings are correlated: the means of this many blocks are treated as independent. */
const blocks = 12
/** The 0.975 quantile of Student's t with two degrees of freedom fewer than there are blocks. */
const student = 2.228

/** The line that fits the readings best. Needs at least as many as there are blocks. */
export function slopeOf(points: readonly Point[]): Slope {
  const means = Array.from({ length: blocks }, (_, block) => {
    const from = Math.floor((block * points.length) / blocks)
    const until = Math.floor(((block + 1) * points.length) / blocks)
    const own = points.slice(from, until)
    return [mean(own.map(([hours]) => hours)), mean(own.map(([, value]) => value))] as const
  })
  const meanHours = mean(means.map(([hours]) => hours))
  const meanValue = mean(means.map(([, value]) => value))
  const spread = sum(means.map(([hours]) => (hours - meanHours) ** 2))
  const perHour = sum(means.map(([hours, value]) => (hours - meanHours) * (value - meanValue))) / spread
  const residue = sum(means.map(([hours, value]) => (value - meanValue - perHour * (hours - meanHours)) ** 2))
  const margin = student * Math.sqrt(residue / (blocks - 2) / spread)
  return { perHour, low: perHour - margin, high: perHour + margin }
}

export type Judgement = 'no growth' | 'not proven' | 'GROWS'

/**
 * It grows when the interval lies above what is allowed, and does not when it lies below; when the interval holds what
 * is allowed, the time was too short to say.
 */
export function judge({ low, high }: Slope, allowedPerHour: number): Judgement {
  if (low > allowedPerHour) return 'GROWS'
  return high <= allowedPerHour ? 'no growth' : 'not proven'
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]) => sum(values) / values.length
