import type { Farm } from '../model/farm.ts'
import { shardText } from '../model/farm.ts'
import { placeFarms } from '../schedule/shard_assignment.ts'
import { probesPerSecond, totalSeries } from './probe_rate.ts'

/** A line for each of so many shards: what it would have of these farms; nodes that are discovered do not count. */
export function splitTable(farms: readonly Farm[], shards: number): string {
  const names = farms.map(({ name }) => name)
  const placed = placeFarms(names, shards)
  const lines = Array.from({ length: shards }, (_, index) => {
    const own = farms.filter((_, at) => placed[at] === index)
    return [shardText({ index, count: shards }), ...amounts(own)]
  })
  const rows = [['shard', 'farms', 'targets', 'probes/s', 'series'], ...lines]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ')}\n`).join('')
}

function amounts(farms: readonly Farm[]): string[] {
  const targets = farms.reduce((sum, { nodes }) => sum + 1 + nodes.length, 0)
  const perSecond = probesPerSecond(farms).toFixed(1)
  return [`${farms.length}`, `${targets}`, perSecond, totalSeries(farms).toLocaleString('en')]
}
