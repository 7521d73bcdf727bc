/**
 * `npm run render`: writes what kustomize makes of each overlay, and helm of the chart, to test/deploy/rendered/, where the
 * tests check it on machines that have neither. It takes the real kustomize, or the one in kubectl, version 5 or later; and
 * the helm that HELM names, or else that in PATH, version 3. What has no program here is left as it is.
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

/** What the chart can make that an overlay makes too, with the values that are given for it. */
export const charts = {
  single: [],
  shards: ['--set', 'shards=11'],
  openshift: ['--set', 'openshift=true'],
} as const satisfies Partial<Record<Overlay, readonly string[]>>

export type Chart = keyof typeof charts

/**
 * The helm to call; undefined when there is none in PATH.
 * @throws Error when the variable HELM names one that cannot be called
 */
export function helm(): string | undefined {
  const named = process.env['HELM']
  const { status, error } = spawnSync(named ?? 'helm', ['version'])
  if (status === 0) return named ?? 'helm'
  if (named === undefined) return undefined
  throw new Error(
    `HELM is ${named}, which cannot be called (${error?.message ?? `exit code ${status}`}); name a helm 3`,
  )
}

const chartFolder = 'deploy/helm/farmprobe'

/** What helm makes of the chart with the options that are given. */
export const template = (command: string, options: readonly string[], release = 'farmprobe'): string =>
  build(
    [command, 'template', release, '--namespace', 'farmprobe', '--kube-version', '1.28.0', ...options],
    chartFolder,
  )

export const renderedChartFile = (chart: Chart): string => `${root}test/deploy/rendered/helm-${chart}.yaml`

export const renderedChart = (command: string, chart: Chart): string =>
  `${madeOf(`${chartFolder}/**/*.*`)}\n${template(command, charts[chart])}`

/** The first line of a rendered file that is up to date: of the manifests, or of the chart. */
export function madeOf(inputs = 'deploy/kubernetes/**/*.yaml'): string {
  const digest = createHash('sha256')
  for (const file of globSync(inputs, { cwd: root }).toSorted())
    digest.update(`${file}\0${readFileSync(root + file, 'utf8')}\0`)
  return `# Made by npm run render of inputs with the SHA-256 ${digest.digest('hex')}`
}

if (import.meta.main) {
  const command = kustomize()
  if (command === undefined)
    process.stderr.write('no kustomize, and no kubectl that has kustomize 5 or later\n')
  else for (const overlay of overlays) writeFileSync(renderedFile(overlay), rendered(command, overlay))
  const chartCommand = helm()
  if (chartCommand === undefined) process.stderr.write('no helm, neither as HELM says nor in PATH\n')
  else
    for (const chart of Object.keys(charts) as Chart[])
      writeFileSync(renderedChartFile(chart), renderedChart(chartCommand, chart))
}
