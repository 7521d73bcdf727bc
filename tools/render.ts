/**
 * `npm run render`: writes what kustomize makes of each overlay to test/deploy/rendered/, where the tests check it on
 * machines that have no kustomize too. It takes the real kustomize, or the one in kubectl; version 5 or later.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const overlays = ['single', 'shards', 'replicas', 'openshift'] as const

export type Overlay = (typeof overlays)[number]

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where the rendered form of an overlay is kept. */
export const renderedFile = (overlay: Overlay): string => `${root}test/deploy/rendered/${overlay}.yaml`

/** How kustomize is called here; undefined when there is none that is new enough. Debian's kubectl has version 2. */
export function kustomize(): readonly string[] | undefined {
  if (spawnSync('kustomize', ['version']).status === 0) return ['kustomize', 'build']
  const { stdout } = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' })
  return /Kustomize Version: v[5-9]/.test(stdout ?? '') ? ['kubectl', 'kustomize'] : undefined
}

/** What kustomize makes of a folder. Throws when it refuses, or warns. */
export function build([command = '', ...args]: readonly string[], folder: string): string {
  const { status, stdout, stderr } = spawnSync(command, [...args, folder], { cwd: root, encoding: 'utf8' })
  if (status !== 0 || stderr !== '') throw new Error(stderr)
  return stdout
}

/** A rendered overlay as it is kept: with a line that tells of which inputs it was made. */
export const rendered = (command: readonly string[], overlay: Overlay): string =>
  `${madeOf()}\n${build(command, `deploy/kubernetes/overlays/${overlay}`)}`

/** The first line of a rendered overlay that is up to date. */
export function madeOf(): string {
  const digest = createHash('sha256')
  for (const file of globSync('deploy/kubernetes/**/*.yaml', { cwd: root }).toSorted())
    digest.update(`${file}\0${readFileSync(root + file, 'utf8')}\0`)
  return `# Made by npm run render of inputs with the SHA-256 ${digest.digest('hex')}`
}

if (import.meta.main) {
  const command = kustomize()
  if (command === undefined) throw new Error('no kustomize, and no kubectl that has kustomize 5 or later')
  for (const overlay of overlays) writeFileSync(renderedFile(overlay), rendered(command, overlay))
}
