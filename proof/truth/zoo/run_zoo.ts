/** `npm run truth -- --zoo`: runs the farms of the zoo, as many at a time as do not disturb one another, and scores them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { shareOf } from '../../../src/runtime/share.ts'
import { kinds, missingFor } from './kinds/all.ts'
import { extension, writeRecording } from './recording/file.ts'
import { nameOf, type Recording, recordingOf, renumbered } from './recording/recording.ts'
import { report, type Scored, type Shown } from './report.ts'
import { type FarmPlan, runFarm } from './run/run_farm.ts'
import { scoreFarm } from './score/score.ts'
import { farmTruth } from './truth/farm_truth.ts'

export interface ZooWanted extends Shown {
  /** Names of kinds; all where there is none. */
  readonly names: readonly string[]
  readonly forMs: number
  readonly seed: number
  /** A folder that takes a recording of each farm. */
  readonly recordIn?: string
}

const intervalsMs = [1000, 5000]

/** The exit code: 0 when all farms could be watched, 1 when some failed, 2 when none could be run. */
export async function runZoo(wanted: ZooWanted): Promise<0 | 1 | 2> {
  const { names, recordIn } = wanted
  const unknown = names.filter((name) => !kinds.some((kind) => kind.name === name))
  if (unknown.length > 0)
    throw new Error(
      `There is no kind ${unknown.join(', ')}; there are: ${kinds.map(({ name }) => name).join(', ')}`,
    )
  const asked = kinds.filter(({ name }) => names.length === 0 || names.includes(name))
  const ready = asked.filter((kind) => {
    const missing = missingFor(kind)
    const [packages, programs] = [missing.map(([, name]) => name), missing.map(([name]) => name)]
    if (missing.length > 0)
      say(
        `${kind.name} is left out: not installed: ${programs.join(', ')} (apt-get install ${packages.join(' ')})`,
      )
    return missing.length === 0
  })
  if (ready.length === 0) return 2
  if (recordIn !== undefined) mkdirSync(recordIn, { recursive: true })
  const plans = ready.flatMap((kind) => plansOf(kind, wanted))
  const signal = interrupted()
  const results: Scored[] = []
  const failed: string[] = []
  await inTurn(
    plans,
    async (plan) => {
      const name = nameOf(nameIn(plan))
      say(`${name}: starting`)
      try {
        const result = await watch(plan, signal)
        results.push(result)
        if (recordIn !== undefined)
          writeFileSync(join(recordIn, `${name}${extension}`), writeRecording(result.recording))
        say(`${name}: ${result.summary}`)
      } catch (error) {
        if (signal.aborted) return
        failed.push(name)
        say(`${name}: FAILED: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
    signal,
  )
  if (signal.aborted) say('interrupted; nothing is left running')
  report(results, wanted)
  if (failed.length > 0) say(`failed: ${failed.join(', ')}`)
  if (results.length === 0) return 2
  return failed.length > 0 || signal.aborted ? 1 : 0
}

/** Names every kind, what it is, and what it lacks. */
export function listKinds(): 0 {
  for (const kind of kinds) {
    const missing = missingFor(kind).map(([, name]) => name)
    const lacks = missing.length === 0 ? '' : ` (not installed: ${missing.join(', ')})`
    process.stdout.write(`${kind.name}: ${kind.about}; behind ${kind.balancer.product}${lacks}\n`)
  }
  return 0
}

function plansOf(kind: FarmPlan['kind'], { forMs, seed }: ZooWanted): FarmPlan[] {
  return intervalsMs.flatMap((intervalMs) =>
    [true, false].map((identity) => {
      const name = nameOf({ kind: kind.name, intervalMs, identity })
      return {
        kind,
        intervalMs,
        identity,
        forMs,
        seed: (seed * 1_000_003 + Math.floor(shareOf(name) * 2 ** 32)) % 2 ** 32,
      }
    }),
  )
}

const nameIn = ({ kind, intervalMs, identity, seed }: FarmPlan) => ({
  kind: kind.name,
  intervalMs,
  identity,
  seed,
})

async function watch(plan: FarmPlan, signal: AbortSignal): Promise<Scored & { readonly summary: string }> {
  const logs = await runFarm(plan, signal)
  const recording: Recording = recordingOf(nameIn(plan), logs, farmTruth(plan.kind, logs))
  const score = scoreFarm({ recording, events: renumbered(logs) })
  const { happened, due, found } = score.recycles
  const summary = `${recording.probes.length} probes, ${happened} recycles, ${found} of ${due} met were found; ${logs.cpuSeconds.toFixed(0)} s of CPU`
  return { recording, score, summary }
}

/** Runs the farms, each as soon as there is enough of the processors for it; one that disturbs others runs alone. */
async function inTurn(
  plans: readonly FarmPlan[],
  run: (plan: FarmPlan) => Promise<void>,
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
    const promise: Promise<void> = run(plan).finally(() => running.delete(promise))
    running.set(promise, percentOf(plan.kind))
  }
  await Promise.all(running.keys())
}

/** Beyond this share of the processors farms disturb one another, in percent of one. */
const enough = 35 * availableParallelism()

const percentOf = ({ cpuPercent }: FarmPlan['kind']): number => (cpuPercent === 'alone' ? enough : cpuPercent)

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Asked to stop, it tidies up first. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}
