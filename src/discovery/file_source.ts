import path, { type PlatformPath, resolve } from 'node:path'
import type { FileSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import { matchingFiles } from '../runtime/matching_files.ts'
import { readOnChange } from '../runtime/read_on_change.ts'
import {
  type Attempt,
  farmProblem,
  rememberGood,
  reportChanges,
  type Source,
  type SourceOptions,
} from './node_source.ts'

/** Reads one file of targets. Never rejects. */
export type ReadTargets = (file: string, source: FileSource) => Promise<Attempt>

/** One file that matches. */
interface Followed {
  readonly remember: ReturnType<typeof rememberGood>
  /** That of the last good reading. */
  stamp?: string
}

/** Reads every file that matches, now and whenever one changes, appears or vanishes, until stopped. */
export function startFileSource(
  source: FileSource,
  readTargets: ReadTargets,
  options: SourceOptions,
): Source {
  const { clock, farm, events } = options
  const { folder, pattern, site } = source
  const problemOf = (message: string) => farmProblem(farm, 'discover.file', message)
  const report = reportChanges(events.problem, events.mended)
  const reportNone = reportChanges(events.problem, events.mended)
  const answers = options.recall(`file ${site.scheme} ${site.port} ${resolve(folder, pattern)}`)
  const followed = new Map<string, Followed>()
  let known: readonly Candidate[] = []

  async function readAll(): Promise<readonly Candidate[]> {
    const files = await matchingFiles(folder, pattern)
    for (const file of [...answers.keys(), ...followed.keys()]) if (!files.has(file)) forget(file)
    const candidates: Candidate[] = []
    // More are not taken, and need not be remembered.
    for (const [file, stamp] of files)
      if (candidates.length > source.maxNodes) forget(file)
      else for (const each of await nodesOf(file, stamp)) candidates.push(each)
    const none = `no file matches ${JSON.stringify(pattern)} in ${folder}; it gives no nodes`
    reportNone(files.size === 0 ? problemOf(none) : undefined)
    return candidates
  }

  function forget(file: string): void {
    answers.delete(file)
    followed.delete(file)
  }

  /** A file that has not changed since its last good reading is not read again. */
  async function nodesOf(file: string, stamp: string): Promise<readonly Candidate[]> {
    const known = followed.get(file) ?? { remember: rememberGood(answers, options, file) }
    followed.set(file, known)
    if (known.stamp === stamp) return answers.get(file) ?? []
    const attempt = await readTargets(file, source)
    const nodes = known.remember(attempt)
    if ('candidates' in attempt && nodes === attempt.candidates) known.stamp = stamp
    return nodes
  }

  const onError = (what: string) => (error: Error) => report(problemOf(`${what}: ${error.message}`))
  return readOnChange(
    clock,
    { ...watchedFolder(source), onError: onError('changes cannot be watched') },
    async (isStopped) => {
      try {
        known = await readAll()
      } catch (error) {
        events.failed()
        onError('the files cannot be listed')(error as Error)
      }
      if (!isStopped()) events.found(known)
    },
  )
}

type Pattern = Pick<FileSource, 'folder' | 'pattern'>

/** The folder in which matching files can appear, and how many levels below it; undefined: any number. */
export function watchedFolder(
  { folder, pattern }: Pattern,
  paths: PlatformPath = path,
): { folder: string; depth: number | undefined } {
  const steps = pattern.split(paths.sep === '/' ? '/' : /[\\/]/)
  const firstWild = steps.findIndex((step) => /[*?[\]{}()!]/.test(step))
  if (firstWild === -1) return { folder: paths.dirname(paths.resolve(folder, pattern)), depth: 0 }
  const wild = steps.slice(firstWild)
  return {
    // With the separator at its end: `C:` alone would be the working directory of that drive.
    folder: paths.resolve(
      folder,
      steps
        .slice(0, firstWild)
        .map((step) => `${step}/`)
        .join(''),
    ),
    depth: wild.some((step) => step.includes('**')) ? undefined : wild.length - 1,
  }
}
