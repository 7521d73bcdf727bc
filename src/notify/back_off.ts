import { secondMs } from '../runtime/duration.ts'
import type { Random } from '../runtime/random.ts'

const shortestMs = secondMs
const longestMs = 30 * secondMs

/**
 * How long to wait after so many failures in a row, in milliseconds: twice as long each time, of which chance leaves at
 * least half, so that the senders of many farmprobes do not come back together.
 */
export const backOffMs = (failures: number, random: Random): number =>
  Math.min(longestMs, shortestMs * 2 ** (failures - 1)) * (0.5 + random() / 2)
