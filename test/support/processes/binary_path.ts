import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian keeps servers in directories that are not in everybody's PATH. */
const alsoIn = ['/usr/sbin', '/usr/local/sbin']

/** Where a program is installed; undefined when it is not. */
export function binaryPath(name: string): string | undefined {
  return folders()
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

const folders = () => [...(process.env.PATH ?? '').split(delimiter), ...alsoIn]

/** The newest of the programs that are installed with their version in their name, as `php-fpm8.2`; `name` when none is. */
export function newestVersion(name: string, within = folders()): string {
  const names = within.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder))
  const versions = names.filter((each) => each.startsWith(name) && /^[\d.]+$/.test(each.slice(name.length)))
  return versions.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1) ?? name
}
