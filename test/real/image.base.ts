/**
 * A stand-in for the official Node image, for machines that cannot fetch it: this machine's Node 24, npm and a shell,
 * with the libraries they load and the user `node`. All in a storage of its own.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Runs buildah to its end; its standard output, without the last line break. */
export type RunBuildah = (...args: string[]) => string

/** buildah with a storage of its own, able to build and run without any container runtime. */
export interface Buildah {
  readonly run: RunBuildah
  /** What every command line of it starts with. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The commands that a Dockerfile's RUN lines, npm and the tests need of a system. */
const commands = ['sh', 'env', 'mkdir', 'chown', 'ls', 'cat', 'id']

/** buildah with its images and containers under `folder`. */
export function buildahIn(folder: string): Buildah {
  const args = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  const env = { BUILDAH_ISOLATION: 'chroot' }
  const options = { env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 2 ** 26 } as const
  const run = (...rest: string[]) => execFileSync('buildah', [...args, ...rest], options).trimEnd()
  return { run, args, env }
}

/** The base image that a Dockerfile takes unless another is handed in. */
export function baseOf(dockerfile: string): string {
  const name = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(dockerfile, 'utf8'))?.[1]
  if (name === undefined) throw new Error(`${dockerfile} names no base image`)
  return name
}

/** Commits the stand-in as `name`; `folder` is used to put it together. */
export function commitStandIn(buildah: RunBuildah, name: string, folder: string): void {
  const root = join(folder, 'stand-in')
  const node = realpathSync(process.execPath)
  place(root, node, '/usr/local/bin/node')
  for (const command of commands) place(root, which(command), `/usr/bin/${command}`)
  // The bundler's own: any Debian has what it asks of the system.
  const bundler = globSync('node_modules/@rolldown/binding-*/*.node')
  for (const library of [node, ...bundler, ...commands.map(which)].flatMap(librariesOf))
    place(root, library, library)
  placeNpm(root)
  symlinkSync('usr/bin', join(root, 'bin'))
  for (const empty of ['tmp', 'root', 'etc']) mkdirSync(join(root, empty), { recursive: true })
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
  const container = buildah('from', 'scratch')
  buildah('copy', container, root, '/')
  const certificates = placeCertificates(buildah, container)
  buildah('config', ...certificates, '--env', 'PATH=/usr/local/bin:/usr/bin', '--cmd', 'node', container)
  buildah('commit', '--quiet', container, name)
  buildah('rm', container)
}

function place(root: string, source: string, path: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  cpSync(realpathSync(source), join(root, path), { recursive: true })
}

const which = (command: string) => execFileSync('which', [command], { encoding: 'utf8' }).trim()

function librariesOf(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' })
  return Array.from(listed.matchAll(/(\/\S+) \(0x/g), ([, path]) => path ?? '')
}

function placeNpm(root: string): void {
  const cli = realpathSync(which('npm'))
  place(root, dirname(dirname(cli)), '/usr/local/lib/node_modules/npm')
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
}

/** The authorities that this machine trusts beyond Node's own, at the paths where its settings expect them. */
function placeCertificates(buildah: RunBuildah, container: string): string[] {
  const extra = process.env['NODE_EXTRA_CA_CERTS']
  const files = [extra, npmSetting('cafile')].filter(
    (path) => path !== undefined && existsSync(path),
  ) as string[]
  for (const file of new Set(files)) buildah('copy', container, file, file)
  return extra === undefined ? [] : ['--env', `NODE_EXTRA_CA_CERTS=${extra}`]
}

/** How npm is set up on this machine, as one npmrc: what it says reaches the build as a secret, and no layer. */
export function npmSettings(): string {
  const files = ['globalconfig', 'userconfig'].map(npmSetting)
  const texts = files.map((path) =>
    path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : '',
  )
  return [`registry=${npmSetting('registry')}`, ...texts, ''].join('\n')
}

function npmSetting(name: string): string | undefined {
  const value = execFileSync('npm', ['config', 'get', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return ['', 'null', 'undefined'].includes(value.trim()) ? undefined : value.trim()
}
