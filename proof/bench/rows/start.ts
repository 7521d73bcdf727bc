/** How soon it works: from the start of the process to the first probe that a target sees. */

import { performance } from 'node:perf_hooks'
import { endedEarly } from '../../processes.ts'
import { median } from '../../statistics.ts'
import type { Plan } from '../durations.ts'
import { spawnFarmprobe } from '../farmprobe.ts'
import { atMost, type Row } from '../table.ts'
import { startTargets } from '../targets.ts'

const goalMs = 300
/** So short that waiting for the first slot of the grid does not count much. */
const intervalMs = 20

export async function startRows({ starts }: Plan): Promise<Row[]> {
  const times: number[] = []
  for (let round = 0; round < starts; round += 1) times.push(await toFirstProbe())
  const what = `start of the process to the first probe, median of ${starts}`
  return [atMost(what, median(times), goalMs, (ms) => `${Math.round(ms)} ms`)]
}

async function toFirstProbe(): Promise<number> {
  await using servers = await startTargets('fast')
  const seen = servers.first()
  const sinceMs = performance.now()
  await using farmprobe = await spawnFarmprobe({ port: servers.port, targets: 5, intervalMs })
  await Promise.race([seen, endedEarly(farmprobe.child)])
  return performance.now() - sinceMs
}
