import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What tests start: the sources or, where FARMPROBE_MAIN names it, what was built of them. */
export const main =
  process.env['FARMPROBE_MAIN'] ?? fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
const interpreter = /^#!\/usr\/bin\/env -S (\w+=\w+) node (.+)\n/.exec(readFileSync(main, 'utf8'))
if (interpreter === null) throw new Error(`the first line of ${main} names no settings of Node`)
const [, variable = '', options = ''] = interpreter

/** The environment variable that the first line of main.ts sets for the C library, as `NAME=value`. */
export const memoryVariable = variable

/** The settings of Node that the first line of main.ts asks for, to start it, or parts of it, as users do. */
export const nodeSettings: readonly string[] = options.split(' ')
