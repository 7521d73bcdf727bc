import { glob, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import type { FileSource } from '../config/config.ts'

type Pattern = Pick<FileSource, 'folder' | 'pattern'>

/** The absolute paths of all files that match, in a fixed order. */
export async function matchingFiles({ folder, pattern }: Pattern): Promise<string[]> {
  const files: string[] = []
  for await (const found of glob(pattern, { cwd: folder })) {
    const file = isAbsolute(found) ? found : join(folder, found)
    if (await isFile(file)) files.push(file)
  }
  return files.sort()
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    // It vanished since it was listed.
    return false
  }
}

/** The folder in which matching files can come and go, and how many levels below it; any number when undefined. */
export function watchedFolder({ folder, pattern }: Pattern): { folder: string; depth: number | undefined } {
  const steps = pattern.split(sep === '/' ? '/' : /[\\/]/)
  const firstWild = steps.findIndex((step) => /[*?[\]{}()!]/.test(step))
  if (firstWild === -1) return { folder: dirname(resolve(folder, pattern)), depth: 0 }
  const wild = steps.slice(firstWild)
  return {
    folder: resolve(folder, steps.slice(0, firstWild).join('/') || (pattern.startsWith('/') ? '/' : '.')),
    depth: wild.some((step) => step.includes('**')) ? undefined : wild.length - 1,
  }
}
