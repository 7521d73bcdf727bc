/**
 * Runs the image as a container engine would, with nothing but the kernel: its files as a read-only root, mounts into
 * it, a process namespace in which the program is PID 1, a user given by number, and no way to gain a privilege. The
 * network is the machine's, so that tests reach it on loopback.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { binaryPath } from '../support/processes/real_binaries.ts'
import { type RealProcess, startProcess } from '../support/processes/real_process.ts'

/** A file or folder of this machine, at a path inside. */
export interface Mount {
  readonly from: string
  readonly to: string
  readonly writable?: boolean
}

export interface Container {
  /** Where the image's files are. */
  readonly root: string
  readonly workingDir: string
  readonly command: readonly string[]
  readonly uid: number
  readonly gid: number
  readonly env: Readonly<Record<string, string>>
  readonly mounts?: readonly Mount[]
}

/** Starts it. The process given back wraps the program; `programOf` gives the program. */
export function startContainer(container: Container): Promise<RealProcess> {
  const { root, workingDir, command, uid, gid, env, mounts = [] } = container
  // An engine makes the mount points too, before the root is read-only.
  for (const { from, to } of mounts) makeMountPoint(from, join(root, to))
  for (const folder of ['proc', 'dev']) mkdirSync(join(root, folder), { recursive: true })
  const script = [
    'set -e',
    `mount --bind ${quoted(root)} ${quoted(root)}`,
    `mount -o remount,bind,ro ${quoted(root)}`,
    ...mounts.flatMap((mount) => mountLines(mount, root)),
    `mount -t proc proc ${quoted(join(root, 'proc'))}`,
    `mount --rbind /dev ${quoted(join(root, 'dev'))}`,
    `exec ${entering(root, workingDir, uid, gid, env)} ${command.map(quoted).join(' ')}`,
  ].join('\n')
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child=KILL']
  return startProcess({ command: 'unshare', args: [...namespaces, 'sh', '-c', script] })
}

function makeMountPoint(from: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true })
  if (statSync(from).isDirectory()) mkdirSync(at, { recursive: true })
  else writeFileSync(at, '')
}

function mountLines({ from, to, writable = false }: Mount, root: string): string[] {
  const at = quoted(join(root, to))
  return [`mount --bind ${quoted(from)} ${at}`, ...(writable ? [] : [`mount -o remount,bind,ro ${at}`])]
}

/** The words before the command: they replace one another, so that it is the command which is PID 1 in the end. */
function entering(root: string, folder: string, uid: number, gid: number, env: Container['env']): string {
  const variables = Object.entries(env).map(([name, value]) => quoted(`${name}=${value}`))
  const words = ['env', '-i', ...variables, binaryPath('setpriv'), '--no-new-privs', binaryPath('unshare')]
  return [
    ...words,
    `--root=${quoted(root)}`,
    `--wd=${quoted(folder)}`,
    `--setgid=${gid}`,
    `--setuid=${uid}`,
  ].join(' ')
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

/** Children of a process, of any of its threads. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((child) => child !== '')
    .map(Number)
}

/** The innermost process that another wraps: wrappers hand no signal on, a container engine sends it to the program. */
export function programOf({ pid }: Pick<RealProcess, 'pid'>): number {
  const [child] = childrenOf(pid)
  return child === undefined ? pid : programOf({ pid: child })
}
