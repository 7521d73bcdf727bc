/** How evenly farms split over shards, and how few move: 100 shards and 100,000 targets, placed as `run` would. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { placeFarms } from '../../../src/schedule/shard_assignment.ts'
import type { Plan } from '../durations.ts'
import { atMost, type Row } from '../table.ts'

const farms = 10_000
const targetsPerFarm = 10
const shards = 100
/** Farms that are added one by one. */
const added = 200

export async function shardRows({ farmsRead }: Plan): Promise<Row[]> {
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
    {
      what: `  to read a configuration of ${farmsRead.toLocaleString('en')} farms of ${targetsPerFarm} targets`,
      measured: reading(farmsRead),
    },
  ]
}

/** What every shard pays at its start and at each reload, whatever its share is. */
function reading(count: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-bench-'))
  try {
    const file = join(folder, 'farmprobe.yaml')
    const text = `farms:\n${namesOf(count).map(farmText).join('')}`
    writeFileSync(file, text)
    const script = fileURLToPath(new URL('../peers/reading.ts', import.meta.url))
    const said = execFileSync(process.execPath, [script, file], { encoding: 'utf8' })
    const { tookMs, mostKiB } = JSON.parse(said) as { tookMs: number; mostKiB: number }
    const size = (text.length / 2 ** 20).toFixed(1)
    return `${(tookMs / 1000).toFixed(1)} s, ${Math.round(mostKiB / 1024)} MiB, from ${size} MiB`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function farmText(name: string): string {
  const nodes = Array.from(
    { length: targetsPerFarm - 1 },
    (_, node) => `      - { name: web0${node}, address: 192.0.2.${node} }\n`,
  )
  const checks = '    checks:\n      - { name: home, path: /, interval: 10s }\n'
  return `  - name: ${name}\n    url: https://${name}\n    nodes:\n${nodes.join('')}${checks}`
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
