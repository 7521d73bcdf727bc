/** What befalls farmprobe's own process: it is stopped, or has to share its processors with busy loops. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Random } from '../../../../src/runtime/random.ts'
import type { Window } from '../../pairing.ts'
import type { ProberPlan } from '../kind.ts'
import type { RunningProber } from './prober.ts'
import type { Programs } from './processes.ts'

const peer = fileURLToPath(new URL('../peers/hog_peer.ts', import.meta.url))

export interface Ordeal {
  readonly plan: ProberPlan
  readonly prober: RunningProber
  readonly programs: Programs
  readonly random: Random
  readonly folder: string
}

/** Goes on until aborted; `note` takes each time at which it was stopped or starved. */
export async function putThrough(ordeal: Ordeal, note: (window: Window) => void, signal: AbortSignal) {
  const { plan, random } = ordeal
  while (!signal.aborted) {
    const restMs = plan.everyS * 1000 * (0.5 + random())
    const aborted = await sleep(restMs, false, { signal }).catch(() => true)
    if (aborted) return
    const fromMs = Date.now()
    await (plan.kind === 'stopped' ? stopFor(ordeal, plan.forMs) : starve(ordeal, plan.hogs, plan.forS))
    note({ fromMs, toMs: Date.now() })
  }
}

async function stopFor({ prober, random }: Ordeal, [least, most]: readonly [number, number]): Promise<void> {
  prober.signal('SIGSTOP')
  await sleep(least + random() * (most - least))
  prober.signal('SIGCONT')
}

async function starve({ programs, folder }: Ordeal, hogs: number, forS: number): Promise<void> {
  const forMs = forS * 1000
  const start = () =>
    programs.start({ command: process.execPath, args: [peer, String(forMs)], output: join(folder, 'hogs') })
  const running = await Promise.all(Array.from({ length: hogs * availableParallelism() }, start))
  await sleep(forMs)
  await Promise.all(running.map((hog) => hog.stop()))
}
