/**
 * `npm run archives`: writes into `archives` what runs without Node being installed: the build with Node, for Linux with a
 * systemd unit and for Windows with a service. The same commit gives the same bytes. It takes the platforms whose archives
 * are wanted, all by default, and needs tar, zip and, for Nodes of other platforms than this one, npm's registry. WINSW
 * names the program that makes a service of it on Windows.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, cp, glob, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import manifest from '../package.json' with { type: 'json' }
import { build } from './build.ts'
import type { LockFile } from './lock_file.ts'
import nodes from './node/package.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))

const platforms = ['linux-x64', 'linux-arm64', 'win-x64'] as const

export type Platform = (typeof platforms)[number]

export interface Parts {
  /** The folder that `build` has written. */
  readonly dist: string
  /** Node's program for the platform. */
  readonly node: string
  /** The wrapper that is the service on Windows. */
  readonly winsw?: string | undefined
  /** What all files are dated, in seconds since 1970. */
  readonly epoch: number
}

/** Where each file of the repository goes, beside what is built. */
const files: Readonly<Record<'linux' | 'win', Readonly<Record<string, string>>>> = {
  linux: { 'deploy/linux/farmprobe': 'bin', 'deploy/linux/farmprobe.service': '' },
  win: {
    'deploy/windows/farmprobe.cmd': '',
    'deploy/windows/farmprobe-service.xml': '',
    'deploy/windows/install.ps1': '',
    'docs/windows.md': '',
  },
}

/** Writes the archive of a platform into a folder. Returns its path. */
export async function archive(platform: Platform, parts: Parts, into: string): Promise<string> {
  const isWindows = platform.startsWith('win')
  const stage = await mkdtemp(join(tmpdir(), 'farmprobe-archive-'))
  const inside = join(stage, 'farmprobe')
  await mkdir(join(inside, 'bin'), { recursive: true })
  await cp(parts.dist, join(inside, 'dist'), { recursive: true })
  const node = join(inside, 'bin', isWindows ? 'node.exe' : 'node')
  await copyFile(parts.node, node)
  await chmod(node, 0o755)
  for (const name of ['config', 'dashboards/grafana', 'dashboards/prometheus', 'LICENSE', 'CHANGELOG.md'])
    await cp(join(root, name), join(inside, name), { recursive: true })
  for (const [name, folder] of Object.entries(files[isWindows ? 'win' : 'linux']))
    await copyFile(join(root, name), join(inside, folder, basename(name)))
  if (isWindows && parts.winsw !== undefined)
    await copyFile(parts.winsw, join(inside, 'farmprobe-service.exe'))
  // The interpreter of .cmd files loses its place in files with Unix line ends.
  for await (const path of glob('*.cmd', { cwd: inside }))
    await writeFile(join(inside, path), (await readFile(join(inside, path), 'utf8')).replaceAll('\n', '\r\n'))

  const file = join(into, `farmprobe-${manifest.version}-${platform}.${isWindows ? 'zip' : 'tar.gz'}`)
  await rm(file, { force: true })
  const names = (await Array.fromAsync(glob('farmprobe/**', { cwd: stage }))).toSorted()
  for (const name of names.toReversed()) await utimes(join(stage, name), parts.epoch, parts.epoch)
  const owned = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go=rX', `--mtime=@${parts.epoch}`]
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: stage, input: names.join('\n'), env: { ...process.env, TZ: 'UTC' } })
  // Windows has no zip, and a tar that writes such files; which differ in their bytes.
  if (isWindows && process.platform === 'win32') run('tar', ['--no-recursion', '-acf', file, '-T', '-'])
  else if (isWindows) run('zip', ['-X', '-D', '-q', '-@', file])
  else run('tar', ['--no-recursion', ...owned, '-czf', file, '-T', '-'])
  await rm(stage, { recursive: true })
  return file
}

/** Node's program for a platform, as checkouts have it; else fetched into `folder`, and held against the lock file. */
async function nodeFor(platform: Platform, folder: string): Promise<string> {
  const name = `node-${platform}` as const
  const program = join('bin', platform.startsWith('win') ? 'node.exe' : 'node')
  const own = join(root, 'node_modules', name, program)
  if (existsSync(own)) return own
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile
  const spec = `${name}@${nodes.optionalDependencies[name]}`
  const packed = execFileSync('npm', ['pack', '--json', spec], { cwd: folder, encoding: 'utf8' })
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  const sum = createHash('sha512')
    .update(await readFile(join(folder, filename)))
    .digest('base64')
  if (packages[`node_modules/${name}`]?.integrity !== `sha512-${sum}`)
    throw new Error(`${spec} is not what package-lock.json says`)
  execFileSync('tar', ['-xzf', filename, '--transform', `s/^package/${platform}/`], { cwd: folder })
  return join(folder, platform, program)
}

/** The bill of materials of the build, and of what the archives have beside it. */
async function billWithNode(dist: string): Promise<string> {
  const bill = JSON.parse(await readFile(join(dist, 'sbom.cdx.json'), 'utf8')) as { components: unknown[] }
  for (const [name, version] of Object.entries(nodes.optionalDependencies))
    bill.components.push({ type: 'platform', name, version, purl: `pkg:npm/${name}@${version}` })
  return `${JSON.stringify(bill, null, 2)}\n`
}

if (import.meta.main) {
  const into = join(root, 'archives')
  await rm(into, { recursive: true, force: true })
  await mkdir(into)
  const work = await mkdtemp(join(tmpdir(), 'farmprobe-nodes-'))
  const dist = join(work, 'dist')
  await build(dist)
  const dated = () => execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' })
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? dated())
  const bill = join(into, `farmprobe-${manifest.version}.cdx.json`)
  await writeFile(bill, await billWithNode(dist))
  const made = [bill]
  const wanted = platforms.filter((each) => process.argv.length === 2 || process.argv.includes(each))
  for (const platform of wanted) {
    const node = await nodeFor(platform, work)
    made.push(await archive(platform, { dist, node, winsw: process.env['WINSW'], epoch }, into))
  }
  await rm(work, { recursive: true })
  const sums = made.map(async (file) => {
    const sum = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    return `${sum}  ${basename(file)}\n`
  })
  await writeFile(join(into, 'SHA256SUMS'), (await Promise.all(sums)).join(''))
  for (const file of made) process.stdout.write(`${file}\n`)
}
