import { readFileSync } from 'node:fs'
import type { ReadBytes } from '../../../src/iis/read/document.ts'
import { type Machine, readMachine } from '../../../src/iis/read/machine.ts'
import { remarkText } from '../../../src/iis/read/remark.ts'

/** A configuration of the tests, by its name without the extension. */
export const fixture = (name: 'node' | 'balancer'): string =>
  readFileSync(new URL(`../../iis/fixtures/${name}.config`, import.meta.url), 'utf8')

/** The text with every change made; a change that changes nothing is a mistake of the test. */
export function planted(text: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`not in the text: ${from}`)
    return changed.replaceAll(from, to)
  }, text)
}

/** Reads from memory what would be files. */
function memoryFiles(files: Readonly<Record<string, string | Uint8Array>>): ReadBytes {
  return async (path) => {
    const content = files[path]
    if (content === undefined) return { why: 'no such file', missing: true }
    return { bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content }
  }
}

const main = 'host.config'

/** Reads a configuration from memory; other files lie beside it. The problem as a line when there is no reading it. */
export async function readingOf(
  content: string | Uint8Array,
  others: Readonly<Record<string, string>> = {},
  file: string = main,
): Promise<Machine | string> {
  const read = memoryFiles({ ...others, [file]: content })
  const result = await readMachine(file, { env: {}, read })
  return 'machine' in result ? result.machine : remarkText(result.problem)
}

/** Reads a configuration that can be read. */
export async function machineOf(
  content: string | Uint8Array,
  others: Readonly<Record<string, string>> = {},
  file: string = main,
): Promise<Machine> {
  const reading = await readingOf(content, others, file)
  if (typeof reading === 'string') throw new Error(reading)
  return reading
}

/** A whole configuration around pools and sites. */
export const configuration = (pools: string, sites = '', rest = ''): string =>
  `<configuration><system.applicationHost><applicationPools>${pools}</applicationPools>` +
  `<sites>${sites}</sites></system.applicationHost>${rest}</configuration>`
