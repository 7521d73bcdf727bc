import { isAbsolute, join } from 'node:path'
import { hidden, hideInUrl } from '../../secrets/hide.ts'
import type { Path, Problem } from './problem.ts'
import type { ReadText } from './text_file.ts'
import { isMapping, type Tree, valueAt } from './tree.ts'

const noFile: ReadText = async () => ({ why: 'no file is read here' })

/** One reading of one file: what its readers need, and where their problems go. */
export type Reading = ReturnType<typeof startReading>

export function startReading(tree: Tree, folder = '', readFile = noFile) {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const beside = (fileName: string) => (isAbsolute(fileName) ? fileName : join(folder, fileName))
  const show = (path: Path) => tree.writtenAt(path) ?? shown(valueAt(tree.value, path))
  return {
    tree,
    /** Where relative file names start: the absolute path of the file's folder. */
    folder,
    problems,
    warnings,
    problem: (path: Path, message: string) => void problems.push(tree.problem(path, message)),
    keyProblem: (path: Path, message: string) => void problems.push(tree.keyProblem(path, message)),
    warn: (path: Path, message: string) => void warnings.push(tree.problem(path, message)),
    /** The value at a path as a message shows it; one from the environment as it was written, for it may be a secret. */
    show,
    /** What kind of value stands at a path, for messages that must not show it. */
    kindOf(path: Path): string {
      const value = valueAt(tree.value, path)
      if (typeof value === 'string') return 'a text'
      return typeof value === 'object' ? shown(value) : `a ${typeof value}`
    },
    /** Is there a mapping without any key? */
    isEmpty(path: Path): boolean {
      const value = valueAt(tree.value, path)
      return isMapping(value) && Object.keys(value).length === 0
    },
    /** The absolute path of a file that is named in the configuration. */
    beside,
    /** The text of a file that the value at `path` names; undefined, with a problem, when there is none. */
    async readBeside(fileName: string, path: Path): Promise<string | undefined> {
      const result = await readFile(beside(fileName))
      if ('text' in result) return result.text
      const message = `${show(path)} cannot be read: ${result.why}; relative names start at ${folder}`
      problems.push(tree.problem(path, message))
      return undefined
    },
  }
}

/** Longer values are cut in messages. */
const longestShown = 60

/** Credentials before a host, where somebody left out the scheme of a URL. */
const credentials = /^[^/?#\s@:[]+:(?!\/\/)\S*@/

/** A value as a message shows it: `"5 s"`, `12`, `a list`, `nothing`; secrets in URLs are hidden. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  return JSON.stringify(
    typeof value === 'string' ? shortened(hideInUrl(value).replace(credentials, `${hidden}@`)) : value,
  )
}

const shortened = (text: string) => (text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`)
