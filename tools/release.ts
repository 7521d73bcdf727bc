/**
 * `npm version X.Y.Z` runs this before it commits: what the changelog has under *Unreleased* becomes the version, dated today,
 * and the files that name the version name the new one. `node tools/release.ts notes` prints what the changelog has of
 * the version that this is.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import manifest from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))

/** The files that name the version, beside those that npm changes and those that are rendered. */
export const naming = [
  'Dockerfile',
  'README.md',
  'deploy/helm/farmprobe/Chart.yaml',
  'deploy/kubernetes/base/kustomization.yaml',
  'docs/deploy.md',
  'docs/first-hour.md',
  'docs/windows.md',
] as const

const unreleased = '## [Unreleased]\n'

/** The changelog with its unreleased part as a version of a day, such as `2026-12-01`. Throws when there is no such part. */
export function dated(changelog: string, version: string, day: string): string {
  if (!changelog.includes(unreleased)) throw new Error(`CHANGELOG.md has no line ${unreleased.trim()}`)
  return changelog.replace(unreleased, `${unreleased}\n## [${version}] - ${day}\n`)
}

/** What the changelog has of a version. Throws when there is nothing, or no date. */
export function notesOf(changelog: string, version: string): string {
  const [, ...parts] = changelog.split(/^## (?=\[)/m)
  const part = parts.find((each) => each.startsWith(`[${version}] - `))
  const [title = '', ...lines] = part?.split('\n') ?? []
  if (!/ - \d{4}-\d\d-\d\d$/.test(title)) throw new Error(`CHANGELOG.md has no dated part for ${version}`)
  return lines.join('\n').trim()
}

/** A text that names another version instead; `10.1.0.0` names none. */
export const renamed = (text: string, old: string, version: string): string =>
  text.replaceAll(new RegExp(`(?<!\\d|\\d\\.)${RegExp.escape(old)}(?!\\d|\\.\\d)`, 'g'), version)

if (import.meta.main) {
  const changelog = await readFile(`${root}CHANGELOG.md`, 'utf8')
  const { npm_old_version: old, npm_new_version: version = manifest.version } = process.env
  if (process.argv[2] === 'notes') process.stdout.write(`${notesOf(changelog, version)}\n`)
  else if (old === undefined) throw new Error('npm version runs this')
  else {
    const day = new Date().toISOString().slice(0, 10)
    await writeFile(`${root}CHANGELOG.md`, dated(changelog, version, day))
    for (const name of naming) {
      await writeFile(root + name, renamed(await readFile(root + name, 'utf8'), old, version))
    }
  }
}
