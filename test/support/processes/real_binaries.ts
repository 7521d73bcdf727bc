import { describe } from 'vitest'
import { binaryPath, newestVersion } from './binary_path.ts'

export { binaryPath, newestVersion }

/** What the system has no package of, by what `.ci/run` found. */
const notOffered = (process.env['FARMPROBE_NOT_OFFERED'] ?? '').split(' ')

/**
 * `describe` for a suite that needs real programs. Where one is missing the suite is skipped and says so; with `CI`
 * set the file fails, because there they are to be installed, unless the system does not offer them.
 */
export function suiteWith(...binaries: string[]): typeof describe | typeof describe.skip {
  const missing = binaries.filter((binary) => binaryPath(binary) === undefined)
  if (missing.length === 0) return describe
  const why = `not installed: ${missing.join(', ')}`
  if (process.env.CI && !missing.every((binary) => notOffered.includes(binary)))
    throw new Error(`${why}; with CI set the suites on real servers are not skipped`)
  console.warn(`SKIPPED a suite on real servers: ${why}`)
  return describe.skip
}
