import { type Document, Lexer, LineCounter, parseDocument } from 'yaml'
import type { Environment } from './environment.ts'
import { inFileOrder, type Path, type Problem, pathText } from './problem.ts'
import { type Dialect, type Offsets, tooManyValues, walkDocument } from './walk.ts'

export type Mapping = Readonly<Record<string, unknown>>

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What stands at a path in plain values. */
export function valueAt(value: unknown, path: Path): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  return valueAt((value as Record<string | number, unknown>)[step], rest)
}

/** How a format is written. */
export interface Format extends Dialect {
  /** `failsafe`: every scalar is a text, as written. */
  readonly schema: 'core' | 'failsafe'
}

/** Our own files. Ten thousand farms of ten targets have 360,000 values. */
const ours: Format = { schema: 'core', merge: false, mostValues: 600_000 }

/** How programs in Go read YAML into texts. */
export const likeGo: Format = { schema: 'failsafe', merge: true, mostValues: 600_000 }

/** To programs in Go, a key without a value is a key that is not there. */
export const isNothing = (raw: unknown): boolean => raw === '' || raw === '~' || raw === 'null'

/**
 * Reads a text. Mistakes in its YAML, or in its references to the environment, are problems; the tree then has what
 * could be read.
 */
export function readTree(
  text: string,
  file: string,
  env: Environment | undefined,
  format = ours,
): { readonly tree: Tree; readonly problems: readonly Problem[] } {
  const lineCounter = new LineCounter()
  const at = (offset: number, path: Path, message: string): Problem => {
    const { line, col } = lineCounter.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: pathText(path), message }
  }
  if (hasMoreValues(text, format.mostValues)) {
    const problem = at(0, [], tooManyValues(format))
    return { tree: makeTree(undefined, new Map(), file, at), problems: [problem] }
  }
  // Our own walk finds duplicate keys, since it knows their paths.
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    schema: format.schema,
  })
  const syntax = syntaxMistakes(document, text).map(({ offset, message }) => at(offset, [], message))
  if (syntax.length > 0)
    return { tree: makeTree(undefined, new Map(), file, at), problems: firstOfEachLine(syntax) }
  const walked = walkDocument(document, env, format)
  const problems = walked.mistakes.map(({ offset, path, message }) => at(offset, path, message))
  return { tree: makeTree(walked.value, walked.offsets, file, at), problems }
}

/** A YAML or JSON text as plain values, with the place of each. */
export type Tree = ReturnType<typeof makeTree>

/**
 * Whether a text surely has more values. The parser needs up to a kilobyte for each before the first can be looked at, so
 * they are counted before: there is a value for each colon, for each dash, and for each scalar that is no key.
 */
function hasMoreValues(text: string, most: number): boolean {
  if (text.length < most) return false
  let [colons, dashes, scalars] = [0, 0, 0]
  let last = ''
  for (const token of new Lexer().lex(text)) {
    // Of a scalar without quotes, this character comes first.
    if (last === '\x1f') last = ''
    else {
      last = token
      if (token === ':') colons++
      else if (token === '-') dashes++
      else if ('\x1f"\'*[{'.includes(token[0] ?? ' ')) scalars++
      if (colons > most || dashes > most || scalars - colons > most) return true
    }
  }
  return false
}

function makeTree(
  value: unknown,
  offsets: ReadonlyMap<string, Offsets>,
  file: string,
  at: (offset: number, path: Path, message: string) => Problem,
) {
  const exact = (path: Path) => offsets.get(JSON.stringify(path))
  const nearest = (path: Path): Offsets | undefined =>
    exact(path) ?? (path.length === 0 ? undefined : nearest(path.slice(0, -1)))
  return {
    file,
    /** Mappings have no prototype; references to the environment are replaced. */
    value,
    has: (path: Path): boolean => exact(path) !== undefined,
    /** The scalar as the author wrote it when it refers to the environment, so that no message reveals its value. */
    writtenAt: (path: Path): string | undefined => exact(path)?.written,
    /** A problem with the value at a path; for one that is missing, with the nearest value around it. */
    problem: (path: Path, message: string): Problem => at(nearest(path)?.value ?? 0, path, message),
    /** A problem with the key that ends the path. */
    keyProblem: (path: Path, message: string): Problem => at(nearest(path)?.key ?? 0, path, message),
  }
}

/** Messages that replace the parser's own. */
const hints: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here; write one document per file, without `---`',
  BAD_ALIAS: 'a value that begins with `*` is an alias; put a cron expression in quotes: "*/5 * * * *"',
  TAG_RESOLVE_FAILED: 'a value that begins with `!` is a tag; put it in quotes',
  TAB_AS_INDENT: 'a tab indents this line; YAML needs spaces',
}

function syntaxMistakes(document: Document.Parsed, text: string): { offset: number; message: string }[] {
  const complaints = [...document.errors, ...document.warnings]
  const exhausted = complaints.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (exhausted !== undefined)
    return [
      {
        offset: exhausted.pos[0],
        message: 'nested too deeply; no configuration needs more than a few levels',
      },
    ]
  return complaints.map(({ pos: [offset], code, message }) => ({
    offset,
    // Inside braces, the closing brace of an unquoted reference ends the value.
    message: text.startsWith('${', offset - 1)
      ? 'a reference inside {} or [] needs quotes: "${NAME}"'
      : (hints[code] ?? `not YAML: ${withoutQuote(message)}`),
  }))
}

/** The parser's message without what it quotes after a colon, which may be a secret. */
const withoutQuote = (message: string) =>
  message.replace(/(?<! or): .*$/s, '').replace(/^./, (first) => first.toLowerCase())

/** Later errors on the same line are almost always consequences of the first. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const lines = new Map<number, Problem>()
  for (const problem of problems.toSorted(inFileOrder))
    if (!lines.has(problem.line)) lines.set(problem.line, problem)
  return [...lines.values()]
}
