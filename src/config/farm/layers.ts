import { merge, type Part, settle } from '../schema/part.ts'
import type { Path } from '../yaml/problem.ts'
import type { Tree } from '../yaml/tree.ts'

/** A mapping with its defaults, and where each setting was written. */
export interface Layered<Settled> extends Whereabouts {
  readonly settled: Settled
}

/** Where the settings of a mapping were written: in the mapping itself, or in `defaults`. */
type Whereabouts = ReturnType<typeof whereWritten>

export function whereWritten(path: Path, tree: Tree, hasDefaults = false) {
  const isOwn = (...keys: string[]) => tree.has([...path, ...keys])
  const isShared = (...keys: string[]) => hasDefaults && tree.has(['defaults', ...keys])
  const isWritten = (...keys: string[]) => isOwn(...keys) || isShared(...keys)
  const where = (...keys: string[]): Path =>
    !isOwn(...keys) && isShared(...keys) ? ['defaults', ...keys] : [...path, ...keys]
  return {
    isOwn,
    isWritten,
    /** Where a setting was written: in the mapping itself, else in `defaults`; in the mapping when nowhere. */
    where,
    /** Where to report settings that do not fit together: at the first that the mapping itself has. */
    blame(...settings: readonly (readonly string[])[]): Path {
      const found = settings.find((keys) => isOwn(...keys)) ?? settings.find((keys) => isWritten(...keys))
      return where(...(found ?? []))
    },
  }
}

/** The mapping at `path`, over `defaults`, over the defaults in its description. */
export const layered = <W, S>(
  part: Part<W, S>,
  written: W,
  path: Path,
  defaults: W | undefined,
  tree: Tree,
): Layered<S> => ({
  settled: settle(part, defaults === undefined ? written : merge(part, defaults, written)),
  ...whereWritten(path, tree, defaults !== undefined),
})
