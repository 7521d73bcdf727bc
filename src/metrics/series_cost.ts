import type { Farm } from '../model/farm.ts'
import { ownersOf } from './owners.ts'
import { zeroCost } from './record_layout.ts'

/**
 * How many series a farm adds to /metrics before anything happened; bursts, sweeps and rare errors add a few more.
 * The budget that the configuration is held against is made of this.
 */
export function seriesCost(farm: Farm): number {
  return ownersOf(farm).reduce((cost, { scope, traits }) => cost + zeroCost(scope, traits), 0)
}
