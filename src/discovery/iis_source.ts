import { basename, dirname } from 'node:path'
import { watch } from 'chokidar'
import type { IisSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import type { Problem } from '../config/yaml/problem.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import { type DiscoveryMemory, onlyNews, type Source, type SourceEvents } from './node_source.ts'

/** The servers that a web farm in an IIS configuration sends requests to, or why they cannot be had. */
export type ReadWebFarm = (
  file: string,
  farm: string,
) => Promise<{ readonly candidates: readonly Candidate[] } | { readonly trouble: Omit<Problem, 'path'> }>

/** IIS writes its configuration in several steps: this long after the last of them it is read. */
const settleMs = 200

/** A file on a share reports no change: this often it is read in any case. */
const rereadMs = 60_000

interface IisSourceOptions {
  readonly clock: Clock
  readonly memory: DiscoveryMemory
  readonly readWebFarm: ReadWebFarm
}

/** Follows the servers of a web farm: reads the file now and whenever it changes, until stopped. */
export function startIisSource(
  farm: string,
  { file, webFarm, scheme }: IisSource,
  { clock, memory, readWebFarm }: IisSourceOptions,
  events: SourceEvents,
): Source {
  const key = `iis ${scheme} ${webFarm} ${file}`
  const report = onlyNews(events.problem, events.mended)
  let cancelSettled: Cancel | undefined
  let cancelReread: Cancel | undefined
  let reading: Promise<void> = Promise.resolve()
  let stopped = false

  async function readOnce(): Promise<void> {
    if (stopped) return
    const result = await readWebFarm(file, webFarm)
    if (stopped) return
    if ('candidates' in result) memory.set(key, result.candidates.map(withScheme))
    else events.failed()
    const kept = memory.get(key) ?? []
    report('trouble' in result ? withConsequence(result.trouble, kept.length) : undefined)
    events.found(kept)
    cancelReread?.()
    cancelReread = clock.after(rereadMs, readNow)
  }
  const withScheme = (found: Candidate): Candidate => ({
    name: found.name,
    scheme: scheme ?? found.scheme,
    host: found.host,
    port: found.port,
  })
  function readNow(): void {
    reading = reading.then(readOnce)
  }
  function changed(): void {
    cancelSettled?.()
    cancelSettled = clock.after(settleMs, readNow)
  }

  // The folder is watched, as IIS and editors put a new file in the place of the old one.
  const watcher = watch(dirname(file), { ignoreInitial: true, depth: 0 })
    .on('all', (_event, path) => basename(path) === basename(file) && changed())
    .on('ready', readNow)
    .on('error', (error) => report(problemOf(farm, `changes cannot be watched: ${(error as Error).message}`)))
  readNow()
  return {
    async stop() {
      stopped = true
      cancelSettled?.()
      cancelReread?.()
      await Promise.all([watcher.close(), reading])
    },
  }
}

function withConsequence(trouble: Omit<Problem, 'path'>, kept: number): Problem {
  const consequence =
    kept === 0
      ? 'it gives no node'
      : `its last good servers (${kept} ${kept === 1 ? 'node' : 'nodes'}) are kept`
  return { ...trouble, path: '', message: `${trouble.message}; ${consequence}` }
}

const problemOf = (farm: string, message: string): Problem => ({
  file: `farm ${farm}`,
  line: 0,
  column: 0,
  path: 'discover.iis',
  message,
})
