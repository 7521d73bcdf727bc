import { type Place, placeText, wholeFile } from '../../model/place.ts'

/** One thing that is wrong with a file, and where. */
export interface Problem extends Place {
  /** Where in the file's structure, such as `farms[0].checks[1].interval`; empty for the whole. */
  readonly path: string
  /** What is wrong, what was given, what would be right. Contains no secret. */
  readonly message: string
}

export const fileProblem = (file: string, message: string): Problem => ({
  ...wholeFile(file),
  path: '',
  message,
})

/** Where something stands inside a file's structure. */
export type Path = readonly (string | number)[]

/** The problem as one line: `file:line:col: path: what is wrong, what was given, what would be right`. */
export const formatProblem = ({ path, message, ...place }: Problem): string =>
  [placeText(place), path, message].filter((text) => text !== '').join(': ')

/** A path as people write it: `farms[0].headers["X-Trace"]`. */
export function pathText(path: Path): string {
  return path.map((step, index) => stepText(step, index === 0)).join('')
}

function stepText(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`
  if (!/^\w+$/.test(step)) return `[${JSON.stringify(asName(step))}]`
  return first ? step : `.${step}`
}

/** A whole header in the place of its name may hold a secret. */
const asName = (step: string) => step.replace(/:\s.*$/s, ': …')

/** Sorts problems from the top of the file to its bottom. */
export const inFileOrder = (a: Problem, b: Problem): number => a.line - b.line || a.column - b.column
