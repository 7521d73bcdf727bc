import { isAbsolute, join } from 'node:path'
import { hideInUrl } from '../../secrets/hide.ts'
import type { Path, Problem } from './problem.ts'
import type { ReadText } from './text_file.ts'
import { isMapping, type Tree, valueAt } from './tree.ts'

/** One reading of one file: what its readers need, and where their problems go. */
export interface Reading {
  readonly tree: Tree
  /** Where relative file names start: the absolute path of the file's folder. */
  readonly folder: string
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
  problem(path: Path, message: string): void
  /** A problem with the key that ends the path. */
  keyProblem(path: Path, message: string): void
  warn(path: Path, message: string): void
  /** The value at a path as a message shows it; one from the environment as it was written, for it may be a secret. */
  show(path: Path): string
  /** What kind of value stands at a path, for messages that must not show it. */
  kindOf(path: Path): string
  /** Is there a mapping without any key? */
  isEmpty(path: Path): boolean
  /** The absolute path of a file that is named in the configuration. */
  beside(fileName: string): string
  /** The text of a file that the value at `path` names; undefined, with a problem, when there is none. */
  readBeside(fileName: string, path: Path): Promise<string | undefined>
}

const noFile: ReadText = async () => ({ why: 'no file is read here' })

export function startReading(tree: Tree, folder = '', readFile = noFile): Reading {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const beside = (fileName: string) => (isAbsolute(fileName) ? fileName : join(folder, fileName))
  const show = (path: Path) => tree.writtenAt(path) ?? shown(valueAt(tree.value, path))
  return {
    tree,
    folder,
    problems,
    warnings,
    problem: (path, message) => void problems.push(tree.problem(path, message)),
    keyProblem: (path, message) => void problems.push(tree.keyProblem(path, message)),
    warn: (path, message) => void warnings.push(tree.problem(path, message)),
    show,
    kindOf(path) {
      const value = valueAt(tree.value, path)
      if (typeof value === 'string') return 'a text'
      return typeof value === 'object' ? shown(value) : `a ${typeof value}`
    },
    isEmpty(path) {
      const value = valueAt(tree.value, path)
      return isMapping(value) && Object.keys(value).length === 0
    },
    beside,
    async readBeside(fileName, path) {
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

/** A value as a message shows it: `"5 s"`, `12`, `a list`, `nothing`; secrets in URLs are hidden. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  return JSON.stringify(typeof value === 'string' ? shortened(hideInUrl(value)) : value)
}

const shortened = (text: string) => (text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`)
