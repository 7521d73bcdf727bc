import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What tests start: the sources or, where FARMPROBE_MAIN names it, what was built of them. */
export const main =
  process.env['FARMPROBE_MAIN'] ?? fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
const interpreter = /^#!\/usr\/bin\/env -S node (.+)\n/.exec(readFileSync(main, 'utf8'))?.[1]
if (interpreter === undefined) throw new Error(`the first line of ${main} names no settings of Node`)

/** The settings of Node that the first line of main.ts asks for, to start it, or parts of it, as users do. */
export const nodeSettings: readonly string[] = interpreter.split(' ')
