import { glob } from 'node:fs/promises'

/** The files that arguments name. The shells of Windows leave patterns to programs; one without a match stays, to be told. */
export async function namedFiles(names: readonly string[], platform: NodeJS.Platform): Promise<string[]> {
  const found = names.map(async (name) => {
    const files = platform === 'win32' && /[*?]/.test(name) ? await Array.fromAsync(glob(name)) : []
    return files.length > 0 ? files.toSorted() : [name]
  })
  return (await Promise.all(found)).flat()
}
