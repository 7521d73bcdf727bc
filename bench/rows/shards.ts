/** How evenly farms split over shards, and how few move: 100 shards and 100,000 targets, placed as `run` would. */
import { performance } from 'node:perf_hooks'
import { placeFarms } from '../../src/config/placement.ts'
import { atMost, type Row } from '../table.ts'

const farms = 10_000
const targetsPerFarm = 10
const shards = 100
/** Farms that are added one by one. */
const added = 200

export async function shardRows(): Promise<Row[]> {
  const names = namesOf(farms)
  const sinceMs = performance.now()
  const placed = placeFarms(names, shards)
  const tookMs = performance.now() - sinceMs
  const fullest = Math.max(...loads(placed, shards))
  const split = `${shards} shards, ${(farms * targetsPerFarm).toLocaleString('en')} targets in ${farms.toLocaleString('en')} farms`
  const share = movedShare(placeFarms(names, 10), placeFarms(names, 11))
  return [
    { what: `${split}: targets of the fullest shard`, measured: `${fullest * targetsPerFarm}` },
    atMost('  the fullest shard over the mean', fullest / (farms / shards), 1.25, (ratio) =>
      ratio.toFixed(2),
    ),
    { what: '  time to place them', measured: `${Math.round(tookMs)} ms` },
    {
      what: '  farms that move from 10 to 11 shards',
      measured: `${(share * 100).toFixed(1)} %`,
      goal: { text: '9.1 % +- 1.5', met: Math.abs(share - 1 / 11) <= 0.015 },
    },
    { what: '  other farms that move for one that is added', measured: movedByOneMore().toFixed(2) },
  ]
}

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `site${index}.example.org`)

function loads(placed: readonly number[], count: number): number[] {
  const found = Array.from({ length: count }, () => 0)
  for (const shard of placed) found[shard] = (found[shard] ?? 0) + 1
  return found
}

/** Of the farms that both know, how many are not where they were. */
function movedShare(before: readonly number[], after: readonly number[]): number {
  return before.filter((shard, farm) => shard !== after[farm]).length / before.length
}

/** The mean over farms added one after another. */
function movedByOneMore(): number {
  let before = placeFarms(namesOf(farms), shards)
  let moved = 0
  for (let more = 1; more <= added; more += 1) {
    const after = placeFarms(namesOf(farms + more), shards)
    moved += movedShare(before, after) * before.length
    before = after
  }
  return moved / added
}
