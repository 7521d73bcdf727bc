import { type Path, pathText } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'

/** Refuses a name that an earlier entry of the same kind has. */
export function refuseSameNames(
  named: readonly { readonly name: string | undefined; readonly path: Path }[],
  reading: Reading,
): void {
  const first = new Map<string, Path>()
  for (const { name, path } of named) {
    if (name === undefined) continue
    const other = first.get(name)
    if (other === undefined) first.set(name, path)
    else
      reading.problem(
        [...path, 'name'],
        `a name used twice: ${JSON.stringify(name)}; ${pathText(other)} has it too`,
      )
  }
}
