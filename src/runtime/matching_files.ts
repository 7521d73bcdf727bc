import { glob, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'

/** More are a mistake in the pattern, or somebody's attack. */
const mostFiles = 1000

/**
 * The absolute paths of all files that match a glob pattern, in a fixed order, each with a stamp that differs when the
 * file was changed or replaced.
 * @throws when more than 1,000 match, or a folder cannot be listed
 */
export async function matchingFiles(folder: string, pattern: string): Promise<ReadonlyMap<string, string>> {
  const stamps = new Map<string, string>()
  for await (const found of glob(pattern, { cwd: folder })) {
    const file = isAbsolute(found) ? found : join(folder, found)
    // It may have vanished since it was listed.
    const stats = await stat(file, { bigint: true }).catch(() => undefined)
    if (stats?.isFile()) stamps.set(file, `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`)
    if (stamps.size > mostFiles)
      throw new Error(`more than ${mostFiles} match ${JSON.stringify(pattern)}; narrow the pattern`)
  }
  return new Map([...stamps].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
