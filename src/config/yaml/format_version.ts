/** The version of the configuration's format, and what becomes of files of another one. */

import { isMapping, type Part, value } from '../schema/schema_parts.ts'
import type { Problem } from './problem.ts'
import type { Tree } from './tree.ts'

/** The only version there is so far. The next one comes with a step that turns a file of this one into one of its own. */
export const newestVersion = 1

export const formatVersion: Part<number> = value({
  json: { const: newestVersion },
  kind: 'number',
  right: `write version: ${newestVersion}, or leave it out`,
  read: (raw, wrong) => (raw === newestVersion ? raw : wrong('no version of this format')),
})

/** What to say of a file of a newer version: of all that may be wrong with it, this is the one thing to know. */
export function newerVersion(tree: Tree): Problem | undefined {
  const version = isMapping(tree.value) ? tree.value['version'] : undefined
  if (!Number.isInteger(version) || (version as number) <= newestVersion) return undefined
  return tree.problem(
    ['version'],
    `the file is of version ${version as number}, and this farmprobe reads up to version ${newestVersion}; install the ` +
      `farmprobe it was written for, or a newer one`,
  )
}
