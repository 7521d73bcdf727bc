import type { Path } from '../../config/yaml/problem.ts'
import type { Reading } from '../../config/yaml/reading.ts'
import type { InlineOrFile } from './module.ts'

/** A setting that stands in the module file, or in a file that it names. */
export function either(
  text: string | undefined,
  file: string | undefined,
  key: string,
  path: Path,
  reading: Reading,
): InlineOrFile | undefined {
  if (text !== undefined && file !== undefined)
    reading.problem([...path, `${key}_file`], `${key} and ${key}_file exclude each other; keep one`)
  if (text !== undefined) return { text }
  return file === undefined ? undefined : { file: reading.beside(file) }
}
