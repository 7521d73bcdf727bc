import type * as z from 'zod'
import { builtInCheck } from '../schema/built_in_defaults.ts'
import { defaultsSchema, type WrittenCheck } from '../schema/check_schema.ts'
import type { Path } from '../yaml/problem.ts'
import type { Tree } from '../yaml/tree.ts'
import { mergeChecks } from './merge_checks.ts'

type AlwaysThere =
  | 'path'
  | 'method'
  | 'timezone'
  | 'canary'
  | 'timeout'
  | 'overlap'
  | 'connection'
  | 'cache_bust'
  | 'redirects'
  | 'targets'
  | 'expect'
  | 'tls'

/** A check with its defaults. Where a value was wrong its default stands in, so that the rest can be looked at. */
export type SettledCheck = WrittenCheck & { readonly [Key in AlwaysThere]-?: NonNullable<WrittenCheck[Key]> }

export interface LayeredCheck {
  readonly path: Path
  readonly settled: SettledCheck
  /** Where a setting was written: in the check, else in `defaults`; in the check when nowhere. */
  readonly where: (...keys: string[]) => Path
  /** Where to report settings that do not fit together: at the first that the check itself has. */
  readonly blame: (...settings: readonly (readonly string[])[]) => Path
  /** Was it written in the check itself? */
  readonly isOwn: (...keys: string[]) => boolean
  /** Was it written in the check or in `defaults`? */
  readonly isWritten: (...keys: string[]) => boolean
}

export const standardCheck = (defaultsSchema as z.ZodType).parse(builtInCheck) as SettledCheck

/** A check over `defaults` over what is built in. */
export function layer(
  written: WrittenCheck,
  path: Path,
  defaults: WrittenCheck | undefined,
  tree: Tree,
): LayeredCheck {
  const settled = mergeChecks(mergeChecks(standardCheck, defaults ?? {}), written) as SettledCheck
  const isOwn = (...keys: string[]) => tree.has([...path, ...keys])
  const isShared = (...keys: string[]) => tree.has(['defaults', ...keys])
  const isWritten = (...keys: string[]) => isOwn(...keys) || isShared(...keys)
  const where = (...keys: string[]): Path =>
    !isOwn(...keys) && isShared(...keys) ? ['defaults', ...keys] : [...path, ...keys]
  return {
    path,
    settled,
    isOwn,
    isWritten,
    where,
    blame(...settings) {
      const found = settings.find((keys) => isOwn(...keys)) ?? settings.find((keys) => isWritten(...keys))
      return where(...(found ?? []))
    },
  }
}
