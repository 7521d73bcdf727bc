/** More farms, from the files that `include` names: read together with the file that names them, as one tree. */
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { formatBytes } from '../runtime/bounded_file.ts'
import { matchingFiles } from '../runtime/matching_files.ts'
import type { Environment } from './yaml/environment.ts'
import { fileProblem, type Path, type Problem } from './yaml/problem.ts'
import type { ReadText } from './yaml/text_file.ts'
import { isMapping, readTree, type Tree, valueAt } from './yaml/tree.ts'

interface Included {
  /** The tree with all farms; each place is in the file that has it. */
  readonly tree: Tree
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** Farms of one file: where its list is, and how many farms stand before it. */
interface Piece {
  readonly tree: Tree
  readonly base: Path
  readonly from: number
}

/** All together have at most as much as the largest configuration. */
const mostLength = 8 * 1024 * 1024

export async function withIncluded(main: Tree, env: Environment, readFile: ReadText): Promise<Included> {
  const own = valueAt(main.value, ['farms']) ?? []
  const given = valueAt(main.value, ['include']) ?? []
  const patterns = typeof given === 'string' ? [given] : given
  // What is no list is a problem of its own.
  if (!Array.isArray(patterns) || patterns.length === 0 || !Array.isArray(own))
    return { tree: main, problems: [], warnings: [] }
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const farms: unknown[] = [...own]
  const pieces: Piece[] = []
  let length = 0
  for (const file of await filesOf(patterns, main, problems, warnings)) {
    const result = await readFile(resolve(file))
    length += 'text' in result ? result.text.length : 0
    if ('why' in result) problems.push(fileProblem(file, `cannot be read: ${result.why}`))
    else if (length > mostLength)
      problems.push(fileProblem(file, `the included files have more than ${formatBytes(mostLength)}`))
    else {
      const { tree, problems: unreadable } = readTree(result.text, file, env)
      const base = isMapping(tree.value) ? ['farms'] : []
      const found = valueAt(tree.value, base)
      const strangers = tree.value === undefined ? [] : strangersIn(tree, found)
      for (const problem of unreadable.concat(strangers)) problems.push(problem)
      if (!Array.isArray(found)) continue
      pieces.push({ tree, base, from: farms.length })
      for (const farm of found) farms.push(farm)
    }
  }
  return { tree: joined(main, farms, pieces), problems, warnings }
}

/** The files that match, each once, named as the main file is: from the same folder. */
async function filesOf(patterns: readonly unknown[], main: Tree, problems: Problem[], warnings: Problem[]) {
  const beside = dirname(main.file)
  const folder = resolve(beside)
  const files = new Set<string>()
  for (const [index, pattern] of patterns.entries()) {
    if (typeof pattern !== 'string') continue
    const at = Array.isArray(valueAt(main.value, ['include'])) ? ['include', index] : ['include']
    try {
      const found = [...(await matchingFiles(folder, pattern)).keys()]
      const none = `no file matches ${JSON.stringify(pattern)} in ${folder}`
      if (found.length === 0) (/[*?[{]/.test(pattern) ? warnings : problems).push(main.problem(at, none))
      for (const file of found)
        if (file !== resolve(main.file))
          files.add(isAbsolute(pattern) ? file : join(beside, relative(folder, file)))
    } catch (error) {
      problems.push(main.problem(at, `the files cannot be listed: ${(error as Error).message}`))
    }
  }
  return files
}

/** What an included file has besides its farms. */
function strangersIn(tree: Tree, farms: unknown): Problem[] {
  const others = isMapping(tree.value) ? Object.keys(tree.value).filter((key) => key !== 'farms') : []
  const right = 'write a list of farms, each entry beginning with "- ", or `farms:` with such a list'
  return [
    ...others.map((key) =>
      tree.keyProblem([key], `an included file has farms alone; write ${key} in the file that includes it`),
    ),
    ...(Array.isArray(farms) ? [] : [tree.problem([], `no farms; ${right}`)]),
  ]
}

/** One tree of all: a path below `farms` leads into the file that has the farm. */
function joined(main: Tree, farms: readonly unknown[], pieces: readonly Piece[]): Tree {
  const locate = (path: Path): readonly [Tree, Path] => {
    const [first, index, ...rest] = path
    const piece =
      first === 'farms' && typeof index === 'number'
        ? pieces.findLast(({ from }) => from <= index)
        : undefined
    return piece === undefined
      ? [main, path]
      : [piece.tree, [...piece.base, Number(index) - piece.from, ...rest]]
  }
  const at =
    <Rest extends unknown[], Result>(ask: (tree: Tree, path: Path, ...rest: Rest) => Result) =>
    (path: Path, ...rest: Rest) =>
      ask(...locate(path), ...rest)
  return {
    file: main.file,
    value: isMapping(main.value) ? { ...main.value, farms } : main.value,
    has: at((tree, path) => tree.has(path)),
    writtenAt: at((tree, path) => tree.writtenAt(path)),
    problem: at((tree, path, message: string) => tree.problem(path, message)),
    keyProblem: at((tree, path, message: string) => tree.keyProblem(path, message)),
  }
}
