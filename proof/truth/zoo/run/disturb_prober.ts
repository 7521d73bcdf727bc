/** Trouble of farmprobe's own process: it is stopped, or shares its processors with busy loops. */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Random } from '../../../../src/runtime/random.ts'
import type { Window } from '../../scores/windows.ts'
import type { DisturbancePlan } from '../kind.ts'
import type { RunningProber } from './prober.ts'
import type { Programs } from './processes.ts'

const busyLoop = fileURLToPath(new URL('../peers/busy_loop.ts', import.meta.url))

export interface Disturbance {
  readonly plan: DisturbancePlan
  readonly prober: RunningProber
  readonly programs: Programs
  readonly random: Random
  readonly folder: string
}

/** Disturbs the prober again and again until aborted; returns when it did. */
export async function disturbProber(disturbance: Disturbance, signal: AbortSignal): Promise<Window[]> {
  const { plan, random } = disturbance
  const windows: Window[] = []
  for (;;) {
    const restMs = plan.everyS * 1000 * (0.5 + random())
    const isAborted = await sleep(restMs, false, { signal }).catch(() => true)
    if (isAborted) return windows
    const fromMs = Date.now()
    await (plan.kind === 'stopped' ? stop(disturbance, plan.forMs) : starve(disturbance, plan))
    windows.push({ fromMs, toMs: Date.now() })
  }
}

async function stop(
  { prober, random }: Disturbance,
  [least, most]: readonly [number, number],
): Promise<void> {
  prober.signal('SIGSTOP')
  await sleep(least + random() * (most - least))
  prober.signal('SIGCONT')
}

async function starve(
  { programs, folder }: Disturbance,
  { loops, forS }: { loops: number; forS: number },
): Promise<void> {
  const forMs = forS * 1000
  const start = () =>
    programs.start({
      command: process.execPath,
      args: [busyLoop, String(forMs)],
      output: join(folder, 'busy_loops'),
    })
  const running = await Promise.all(Array.from({ length: loops * availableParallelism() }, start))
  await sleep(forMs)
  await Promise.all(running.map((loop) => loop.stop()))
}
