import { watch } from 'chokidar'
import type { FileSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import type { Problem } from '../config/yaml/problem.ts'
import { readTextFile } from '../config/yaml/text_file.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import { type FileSdResult, parseFileSd } from './file_sd.ts'
import { matchingFiles, watchedFolder } from './glob.ts'
import { type DiscoveryMemory, onlyNews, type Source, type SourceEvents } from './node_source.ts'

/** Editors and deployments touch a file several times in a row: this long after the last touch it is read. */
const settleMs = 100

/** Some file systems report no change: this often the files are read in any case. */
const rescanMs = 60_000

interface FileSourceOptions {
  readonly clock: Clock
  readonly memory: DiscoveryMemory
}

/** Reads every file that matches, now and whenever one changes, appears or vanishes, until stopped. */
export function startFileSource(
  farm: string,
  source: FileSource,
  { clock, memory }: FileSourceOptions,
  events: SourceEvents,
): Source {
  const scan = createScan(farm, source, memory, events)
  const report = onlyNews(events.problem, events.mended)
  let known: readonly Candidate[] = []
  // Two timers: the end of a scan must not put off the one that a change has asked for meanwhile.
  let cancelSettled: Cancel | undefined
  let cancelRescan: Cancel | undefined
  let scanning: Promise<void> = Promise.resolve()
  let stopped = false

  async function scanOnce(): Promise<void> {
    if (stopped) return
    try {
      known = await scan()
    } catch (error) {
      events.failed()
      report(ofFarm(farm, `the files cannot be listed: ${(error as Error).message}`))
    }
    if (stopped) return
    events.found(known)
    cancelRescan?.()
    cancelRescan = clock.after(rescanMs, scanNow)
  }
  function scanNow(): void {
    scanning = scanning.then(scanOnce)
  }
  function changed(): void {
    cancelSettled?.()
    cancelSettled = clock.after(settleMs, scanNow)
  }

  const { folder, depth } = watchedFolder(source)
  const watcher = watch(folder, { ignoreInitial: true, ...(depth !== undefined && { depth }) })
    .on('all', changed)
    .on('ready', scanNow)
    .on('error', (error) => report(ofFarm(farm, `changes cannot be watched: ${(error as Error).message}`)))
  scanNow()
  return {
    async stop() {
      stopped = true
      cancelSettled?.()
      cancelRescan?.()
      await Promise.all([watcher.close(), scanning])
    },
  }
}

/** Returns what reads all files that match; what is wrong with one of them is told, and its last good targets stay. */
function createScan(
  farm: string,
  source: FileSource,
  memory: DiscoveryMemory,
  events: SourceEvents,
): () => Promise<readonly Candidate[]> {
  const reports = new Map<string, ReturnType<typeof onlyNews>>()
  const reportNone = onlyNews(events.problem, events.mended)

  async function read(file: string): Promise<readonly Candidate[]> {
    const key = `file ${source.site.scheme} ${source.site.port} ${file}`
    const report = reports.get(file) ?? onlyNews(events.problem, events.mended)
    reports.set(file, report)
    const result = await readTargets(file, source)
    if ('candidates' in result) memory.set(key, result.candidates)
    else events.failed()
    const kept = memory.get(key) ?? []
    report('problems' in result ? summarize(result.problems, kept.length) : undefined)
    return kept
  }

  return async () => {
    const files = await matchingFiles(source)
    for (const file of reports.keys()) if (!files.includes(file)) reports.delete(file)
    const candidates: Candidate[] = []
    for (const file of files) candidates.push(...(await read(file)))
    const nothing = `no file matches ${JSON.stringify(source.pattern)} in ${source.folder}; it gives no node`
    reportNone(files.length === 0 ? ofFarm(farm, nothing) : undefined)
    return candidates
  }
}

async function readTargets(file: string, source: FileSource): Promise<FileSdResult> {
  const result = await readTextFile(file)
  if ('text' in result) return parseFileSd(result.text, file, source)
  return { problems: [{ file, line: 0, column: 0, path: '', message: `cannot be read: ${result.why}` }] }
}

/** The first problem of a file stands for all of them: the others are often its consequences. */
function summarize([first, ...others]: readonly Problem[], kept: number): Problem | undefined {
  if (first === undefined) return undefined
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  const consequence =
    kept === 0
      ? 'it gives no node'
      : `its last good targets (${kept} ${kept === 1 ? 'node' : 'nodes'}) are kept`
  return { ...first, message: `${first.message}${more}; ${consequence}` }
}

const ofFarm = (farm: string, message: string): Problem => ({
  file: `farm ${farm}`,
  line: 0,
  column: 0,
  path: 'discover.file',
  message,
})
