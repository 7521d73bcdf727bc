/** One thing that is wrong with a file that a person wrote, and where. */
export interface Problem {
  readonly file: string
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number
  /** From 1; 0 when the file as a whole is meant. */
  readonly column: number
  /** The place in the file's structure, such as `farms[0].checks[1].interval`; empty for the whole. */
  readonly path: string
  /** What is wrong, what was given, what would be right. Holds no secret. */
  readonly message: string
}

/** Where something stands inside a file's structure. */
export type Path = readonly (string | number)[]

/** The problem as one line: `file:line:col: path: what is wrong, what was given, what would be right`. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`
  return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`
}

/** A path as people write it: `farms[0].headers["X-Trace"]`. */
export function pathText(path: Path): string {
  return path.map((step, index) => stepText(step, index === 0)).join('')
}

function stepText(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`
  if (!/^\w+$/.test(step)) return `[${JSON.stringify(step)}]`
  return first ? step : `.${step}`
}

/** In the order of the file, so that a list of problems can be worked off from top to bottom. */
export const inFileOrder = (a: Problem, b: Problem): number => a.line - b.line || a.column - b.column
