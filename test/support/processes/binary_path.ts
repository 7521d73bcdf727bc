import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian keeps servers in directories that are not in everybody's PATH. */
const alsoIn = ['/usr/sbin', '/usr/local/sbin']

/** Where a program is installed; undefined when it is not. */
export function binaryPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...alsoIn]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
