import { existsSync, readFileSync } from 'node:fs'

/** The complete lines of a file: the last line may be incomplete. A missing file has no lines. */
export const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
