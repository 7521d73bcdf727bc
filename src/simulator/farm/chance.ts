import type { Random } from '../../runtime/random.ts'
import { seededRandom } from '../../runtime/random.ts'

/** A log-normal length of time: half of the draws are below the median; `sigma` 0 is a constant, 0.5 is noisy. */
export interface Spread {
  readonly medianMs: number
  readonly sigma: number
}

export const fixed = (medianMs: number): Spread => ({ medianMs, sigma: 0 })

export const about = (medianMs: number, sigma = 0.25): Spread => ({ medianMs, sigma })

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

export function drawMs(spread: Spread, random: Random): number {
  if (spread.sigma === 0) return spread.medianMs
  return spread.medianMs * Math.exp(spread.sigma * normal(random))
}

/** The gap to the next of events that come independently, `meanMs` apart on average; Infinity for ever. */
export function exponentialMs(meanMs: number, random: Random): number {
  return meanMs === Number.POSITIVE_INFINITY ? meanMs : -Math.log(1 - random()) * meanMs
}

/**
 * A source of chance of its own, so that one part of the model does not disturb another: how often a farm is probed
 * must not change when its pools recycle.
 */
export const fork = (random: Random): Random => seededRandom(Math.floor(random() * 4_294_967_296))
