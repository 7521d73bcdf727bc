/** `npm run truth -- --zoo`: runs farms of the zoo, scores them and, with `--record`, records them. */
import type { Kind } from './kind.ts'
import { kinds, missingFor } from './kinds/all.ts'
import { keepIn } from './recording/corpus.ts'
import { report, type Scored, type Shown, scored } from './report.ts'
import { type Progress, plansOf, watchFarms } from './watch_farms.ts'

export interface ZooWanted extends Shown {
  /** Names of kinds; empty for all of them. */
  readonly names: readonly string[]
  readonly forMs: number
  readonly seed: number
  /** The folder for recordings. */
  readonly recordIn?: string
}

const intervalsMs = [1000, 5000]

/** Returns the exit code: 0 when all farms ran, 1 when one failed, 2 when none could run. */
export async function runZoo(wanted: ZooWanted): Promise<0 | 1 | 2> {
  const { names, recordIn } = wanted
  const known = kinds.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    say(`There is no kind ${unknown.join(', ')}; there are: ${known.join(', ')}`)
    return 2
  }
  const ready = kinds.filter((kind) => (names.length === 0 || names.includes(kind.name)) && isInstalled(kind))
  if (ready.length === 0) return 2
  const results: Scored[] = []
  const failed: string[] = []
  const progress: Progress = {
    starting: (name) => say(`${name}: starting`),
    watched(name, { recording, forms, cpuSeconds }) {
      results.push(...forms.map((form) => scored(form, wanted)))
      if (recordIn !== undefined) keepIn(recordIn, recording, wanted.seed)
      const found = forms.map(({ score: { recycles } }) => `${recycles.found} of ${recycles.due}`)
      say(
        `${name}: ${recording.probes.length} probes; recycles found with identity ${found[0]}, without ${found[1]}; ${Math.round(cpuSeconds)} s of CPU`,
      )
    },
    failed(name, error, again) {
      say(`${name}: failed${again ? ', trying again' : ''}: ${String(error)}`)
      if (!again) failed.push(name)
    },
  }
  const signal = interrupted()
  await watchFarms(
    ready.flatMap((kind) => plansOf(kind, { ...wanted, intervalsMs })),
    progress,
    signal,
  )
  if (signal.aborted) say('interrupted; all programs have ended')
  report(results, wanted)
  if (failed.length > 0) say(`failed: ${failed.join(', ')}`)
  if (results.length === 0) return 2
  return failed.length > 0 || signal.aborted ? 1 : 0
}

/** Prints every kind with what it does and which packages are missing. */
export function listKinds(): 0 {
  for (const kind of kinds) {
    const missing = missingFor(kind).map(([, name]) => name)
    const lacks = missing.length === 0 ? '' : ` (not installed: ${missing.join(', ')})`
    process.stdout.write(`${kind.name}: ${kind.about}; behind ${kind.balancer.product}${lacks}\n`)
  }
  return 0
}

function isInstalled(kind: Kind): boolean {
  const missing = missingFor(kind)
  if (missing.length === 0) return true
  const [programs, packages] = [missing.map(([name]) => name), missing.map(([, name]) => name)]
  say(
    `${kind.name} is skipped; not installed: ${programs.join(', ')} (apt-get install ${packages.join(' ')})`,
  )
  return false
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** SIGINT and SIGTERM abort, so that programs end and files are removed. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}
