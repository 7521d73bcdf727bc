/** Runs farms of the zoo and scores them, as many at the same time as the processors allow. */
import { availableParallelism } from 'node:os'
import { shareOf } from '../../../src/runtime/share.ts'
import type { Kind } from './kind.ts'
import { type FarmName, nameOf, type Recording, recordingOf, renumbered } from './recording/recording.ts'
import type { FarmPlan } from './run/farm.ts'
import { runFarm } from './run/run_farm.ts'
import { type FormScore, scoreForms } from './score/forms.ts'
import { farmTruth } from './truth/farm_truth.ts'

interface WatchedFarm {
  readonly recording: Recording
  /** With the live events, and without identity. */
  readonly forms: readonly FormScore[]
  readonly cpuSeconds: number
}

export interface Progress {
  starting(name: string): void
  watched(name: string, farm: WatchedFarm): void
  /** `again`: a second attempt follows. */
  failed(name: string, error: unknown, again: boolean): void
}

/** A kind at these intervals. Each farm has its own seed. */
export function plansOf(
  kind: Kind,
  { seed, forMs, intervalsMs }: { seed: number; forMs: number; intervalsMs: readonly number[] },
): FarmPlan[] {
  return intervalsMs.map((intervalMs) => {
    const share = shareOf(nameOf({ kind: kind.name, intervalMs, identity: true }))
    return { kind, intervalMs, forMs, seed: Math.floor((seed + share) * 2 ** 31) % 2 ** 32 }
  })
}

/** Reports failed farms to `progress` and goes on. An abort ends the running farms and starts no more. */
export async function watchFarms(
  plans: readonly FarmPlan[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...plans]
  const running = new Map<Promise<void>, number>()
  const taken = () => [...running.values()].reduce((sum, percent) => sum + percent, 0)
  while (waiting.length > 0 && !signal.aborted) {
    const next = waiting.findIndex(({ kind }) => running.size === 0 || taken() + percentOf(kind) <= enough)
    if (next === -1) {
      await Promise.race(running.keys())
      continue
    }
    const [plan] = waiting.splice(next, 1) as [FarmPlan]
    const promise: Promise<void> = tryTwice(plan, progress, signal).finally(() => running.delete(promise))
    running.set(promise, percentOf(plan.kind))
  }
  await Promise.all(running.keys())
}

/** More than this, in percent of one processor, and farms would disturb one another. */
const enough = 25 * availableParallelism()

/** A farm that takes everything runs alone. */
const percentOf = ({ cpuPercent }: Kind): number => (cpuPercent === 'alone' ? enough : cpuPercent)

async function tryTwice(plan: FarmPlan, progress: Progress, signal: AbortSignal): Promise<void> {
  const { kind, intervalMs, seed } = plan
  const name = { kind: kind.name, intervalMs, identity: true, seed }
  for (const again of [true, false]) {
    if (signal.aborted) return
    progress.starting(nameOf(name))
    try {
      progress.watched(nameOf(name), await watch(plan, name, signal))
      return
    } catch (error) {
      if (!signal.aborted) progress.failed(nameOf(name), error, again)
    }
  }
}

async function watch(plan: FarmPlan, name: FarmName, signal: AbortSignal): Promise<WatchedFarm> {
  const logs = await runFarm(plan, signal)
  const recording = recordingOf(name, logs, farmTruth(plan.kind, logs))
  const forms = await scoreForms(recording, renumbered(logs))
  return { recording, forms, cpuSeconds: logs.cpuSeconds }
}
