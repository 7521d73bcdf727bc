import { LineCounter, parseDocument } from 'yaml'
import type { Environment } from './environment.ts'
import type { Path, Problem } from './problem.ts'
import { inFileOrder, pathText } from './problem.ts'
import { syntaxMistakes } from './syntax.ts'
import { type Dialect, type Place, walkDocument } from './walk.ts'

/** A YAML or JSON text as plain values, which still knows where each of them stood. */
export interface Tree {
  readonly file: string
  /** Mappings have no prototype; references to the environment are replaced. */
  readonly value: unknown
  /** Is there something at exactly this path? */
  has(path: Path): boolean
  /** The scalar as the author wrote it when it refers to the environment, so that no message reveals its value. */
  writtenAt(path: Path): string | undefined
  /** A problem with the value at a path; for one that is missing, with the nearest value around it. */
  problem(path: Path, message: string): Problem
  /** A problem with the key that ends the path. */
  keyProblem(path: Path, message: string): Problem
}

export type TreeResult = { readonly tree: Tree; readonly problems: readonly Problem[] }

/** How a text is read that was written for another program. */
interface Foreign extends Dialect {
  /** Every scalar is a text, as its author wrote it. */
  readonly schema: 'failsafe'
}

/**
 * Reads a text. Whatever is wrong with it as YAML, or with its references to the environment, is a problem; the tree
 * is then what could be understood.
 */
export function readTree(
  text: string,
  file: string,
  env: Environment | undefined,
  foreign?: Foreign,
): TreeResult {
  const lineCounter = new LineCounter()
  const at = (offset: number, path: Path, message: string): Problem => {
    const { line, col } = lineCounter.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: pathText(path), message }
  }
  // Duplicate keys are found by our own walk, which knows the path to them.
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    ...(foreign && { schema: foreign.schema }),
  })
  const syntax = syntaxMistakes(document, text).map(({ offset, message }) => at(offset, [], message))
  if (syntax.length > 0)
    return { tree: makeTree(undefined, new Map(), file, at), problems: firstOfEachLine(syntax) }
  const walked = walkDocument(document, env, foreign)
  const problems = walked.mistakes.map(({ offset, path, message }) => at(offset, path, message))
  return { tree: makeTree(walked.value, walked.places, file, at), problems }
}

/** What the parser says after its first complaint about a line is hardly ever about another mistake. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const lines = new Map<number, Problem>()
  for (const problem of problems.toSorted(inFileOrder))
    if (!lines.has(problem.line)) lines.set(problem.line, problem)
  return [...lines.values()]
}

function makeTree(
  value: unknown,
  places: ReadonlyMap<string, Place>,
  file: string,
  at: (offset: number, path: Path, message: string) => Problem,
): Tree {
  const placeOf = (path: Path) => places.get(JSON.stringify(path))
  const nearest = (path: Path): Place | undefined =>
    placeOf(path) ?? (path.length === 0 ? undefined : nearest(path.slice(0, -1)))
  return {
    file,
    value,
    has: (path) => placeOf(path) !== undefined,
    writtenAt: (path) => placeOf(path)?.written,
    problem: (path, message) => at(nearest(path)?.valueOffset ?? 0, path, message),
    keyProblem: (path, message) => at(nearest(path)?.keyOffset ?? 0, path, message),
  }
}
