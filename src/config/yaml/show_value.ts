import { hideInUrl } from '../../secrets/hide.ts'
import type { Path } from './problem.ts'
import type { Tree } from './tree.ts'

/** Longer values would drown the message they are shown in. */
const longestShown = 60

/** What kind of value stands there, for messages that need not show it: it may be a misplaced secret. */
export function kindAt(tree: Tree, path: Path): string {
  const value = valueAt(tree.value, path)
  if (typeof value === 'string') return 'a text'
  return typeof value === 'object' ? show(value) : `a ${typeof value}`
}

/** A value as a message shows it: `"5 s"`, `12`, `a list`, `nothing`; secrets in URLs are hidden. */
function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  return JSON.stringify(typeof value === 'string' ? shorten(hideInUrl(value)) : value)
}

const shorten = (text: string) => (text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`)

/** The value at a path as a message shows it; one from the environment as it was written, for it may be a secret. */
export const showAt = (tree: Tree, path: Path): string =>
  tree.writtenAt(path) ?? show(valueAt(tree.value, path))

export function valueAt(value: unknown, path: Path): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null)
    return step === undefined ? value : undefined
  return valueAt((value as Record<string | number, unknown>)[step], rest)
}
