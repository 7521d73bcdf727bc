import { execFileSync } from 'node:child_process'
import { binaryPath } from '../processes/real_binaries.ts'

/**
 * What promtool prints about `input` or the files named.
 * @throws Error with all it prints when it objects to something
 */
export function promtool(args: readonly string[], input = ''): string {
  return execFileSync(binaryPath('promtool') ?? 'promtool', args, { input, encoding: 'utf8', stdio: 'pipe' })
}
