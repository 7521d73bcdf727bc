import { isAbsolute, join } from 'node:path'
import { isMapping } from '../schema/schema_parts.ts'
import type { Path, Problem } from './problem.ts'
import { showAt, valueAt } from './show_value.ts'
import type { ReadText } from './text_file.ts'
import type { Tree } from './tree.ts'

/** One reading of one configuration file: what every part of it may ask, and where its complaints go. */
export interface Reading {
  readonly tree: Tree
  /** Where relative file names start: the absolute path of the configuration file's folder. */
  readonly folder: string
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
  problem(path: Path, message: string): void
  warn(path: Path, message: string): void
  /** The value at a path as a message shows it. */
  show(path: Path): string
  /** Is there a mapping without any key? */
  isEmpty(path: Path): boolean
  /** The absolute path of a file that is named in the configuration. */
  beside(fileName: string): string
  /** The text of a file that the value at `path` names; undefined, with a problem, when there is none. */
  readBeside(fileName: string, path: Path): Promise<string | undefined>
}

export function startReading(tree: Tree, folder: string, readFile: ReadText): Reading {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const beside = (fileName: string) => (isAbsolute(fileName) ? fileName : join(folder, fileName))
  return {
    tree,
    folder,
    problems,
    warnings,
    problem: (path, message) => void problems.push(tree.problem(path, message)),
    warn: (path, message) => void warnings.push(tree.problem(path, message)),
    show: (path) => showAt(tree, path),
    isEmpty(path) {
      const value = valueAt(tree.value, path)
      return isMapping(value) && Object.keys(value).length === 0
    },
    beside,
    async readBeside(fileName, path) {
      const result = await readFile(beside(fileName))
      if ('text' in result) return result.text
      const message = `${showAt(tree, path)} cannot be read: ${result.why}; relative names start at ${folder}`
      problems.push(tree.problem(path, message))
      return undefined
    },
  }
}
