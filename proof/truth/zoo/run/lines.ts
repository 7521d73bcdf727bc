import { existsSync, readFileSync } from 'node:fs'

/** The whole lines of a file; the last one may still be in the writing. Of a file that is not there, none. */
export const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
