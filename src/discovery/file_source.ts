import { glob, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import type { FileSource } from '../config/config.ts'
import type { Candidate } from '../config/farm/node_names.ts'
import { fileProblem, type Problem } from '../config/yaml/problem.ts'
import { readTextFile } from '../config/yaml/text_file.ts'
import { readOnChange } from '../runtime/read_on_change.ts'
import { parseFileSd } from './file_sd.ts'
import {
  type Attempt,
  farmProblem,
  rememberGood,
  reportChanges,
  type Source,
  type SourceOptions,
} from './node_source.ts'

/** Reads every file that matches, now and whenever one changes, appears or vanishes, until stopped. */
export function startFileSource(source: FileSource, options: SourceOptions): Source {
  const { clock, farm, events } = options
  const problemOf = (message: string) => farmProblem(farm, 'discover.file', message)
  const report = reportChanges(events.problem, events.mended)
  const reportNone = reportChanges(events.problem, events.mended)
  const files = new Map<string, ReturnType<typeof rememberGood>>()
  let known: readonly Candidate[] = []

  async function readAll(): Promise<readonly Candidate[]> {
    const matching = await matchingFiles(source)
    for (const file of files.keys()) if (!matching.includes(file)) files.delete(file)
    const candidates: Candidate[] = []
    for (const file of matching) {
      const { scheme, port } = source.site
      const remember = files.get(file) ?? rememberGood(`file ${scheme} ${port} ${file}`, options)
      files.set(file, remember)
      for (const candidate of remember(await readTargets(file, source))) candidates.push(candidate)
    }
    const none = `no file matches ${JSON.stringify(source.pattern)} in ${source.folder}; it gives no nodes`
    reportNone(matching.length === 0 ? problemOf(none) : undefined)
    return candidates
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

async function readTargets(file: string, source: FileSource): Promise<Attempt> {
  const result = await readTextFile(file)
  if (!('text' in result)) return { problem: fileProblem(file, `cannot be read: ${result.why}`) }
  const parsed = parseFileSd(result.text, file, source)
  return 'candidates' in parsed ? parsed : { problem: firstOf(parsed.problems, file) }
}

/** Only the first problem of a file is reported: the others are often its consequences. */
function firstOf([first, ...others]: readonly Problem[], file: string): Problem {
  if (first === undefined) return fileProblem(file, 'cannot be read')
  return others.length === 0 ? first : { ...first, message: `${first.message} (and ${others.length} more)` }
}

type Pattern = Pick<FileSource, 'folder' | 'pattern'>

/** The absolute paths of all files that match, in a fixed order. */
async function matchingFiles({ folder, pattern }: Pattern): Promise<string[]> {
  const files: string[] = []
  for await (const found of glob(pattern, { cwd: folder })) {
    const file = isAbsolute(found) ? found : join(folder, found)
    // It may have vanished since it was listed.
    const isFile = await stat(file).then(
      (stats) => stats.isFile(),
      () => false,
    )
    if (isFile) files.push(file)
  }
  return files.sort()
}

/** The folder in which matching files can appear, and how many levels below it; undefined: any number. */
export function watchedFolder({ folder, pattern }: Pattern): { folder: string; depth: number | undefined } {
  const steps = pattern.split(sep === '/' ? '/' : /[\\/]/)
  const firstWild = steps.findIndex((step) => /[*?[\]{}()!]/.test(step))
  if (firstWild === -1) return { folder: dirname(resolve(folder, pattern)), depth: 0 }
  const wild = steps.slice(firstWild)
  return {
    folder: resolve(folder, steps.slice(0, firstWild).join('/') || (pattern.startsWith('/') ? '/' : '.')),
    depth: wild.some((step) => step.includes('**')) ? undefined : wild.length - 1,
  }
}
