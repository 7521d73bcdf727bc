/** What must hold for every package of package-lock.json. */

interface Package {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly license?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
}

/** A lock file as npm writes it, as far as it matters here. */
export interface LockFile {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, Package>>
}

/** What is in the lock file and no package: this one, and its workspace, once as a folder and once as a link to it. */
const own = ['', 'tools/node', 'node_modules/node-for-checkouts']

/** What a package may be under that is shipped inside farmprobe. */
export const licences = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
])

/**
 * One line for each package with which something is wrong. The lock file says what a package is, by its sum, and not
 * where to get it: any registry will do, and a place that is named is a detour.
 */
export function lockProblems({ lockfileVersion, packages }: LockFile): string[] {
  const wrongVersion = lockfileVersion === 3 ? [] : [`lockfileVersion is ${lockfileVersion}, not 3`]
  return [
    ...wrongVersion,
    ...Object.entries(packages)
      .filter(([path]) => !own.includes(path))
      .flatMap(([path, each]) => mistakesOf(each).map((mistake) => `${path}: ${mistake}`)),
  ]
}

function mistakesOf({ resolved, integrity, license = 'none', hasInstallScript, dev }: Package): string[] {
  return [
    ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ? [] : ['no SHA-512 of its contents']),
    ...(resolved === undefined ? [] : [`it comes from ${resolved}; let npm omit-lockfile-registry-resolved`]),
    ...(hasInstallScript === true ? ['it runs a script when it is installed'] : []),
    ...(dev === true || licences.has(license) ? [] : [`its licence is ${license}`]),
  ]
}
