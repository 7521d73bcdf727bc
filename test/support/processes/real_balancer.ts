import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../servers/loopback_port.ts'
import { type TempDir, tempDir } from '../temp_dir.ts'
import {
  accessLog,
  apacheConfig,
  apacheLine,
  type BalancerLine,
  type BalancerOptions,
  haproxyConfig,
  haproxyLine,
  nginxConfig,
  nginxLine,
} from './balancer_files.ts'
import { binaryPath } from './real_binaries.ts'
import { type RealProcess, startProcess } from './real_process.ts'

export interface RealBalancer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string
  /** The access log so far, requests without X-Farmprobe-Id left out. */
  readonly log: () => Promise<BalancerLine[]>
}

/** Starts nginx with the nodes as its upstream: 502 when a node fails, 504 when it is too slow. */
export const startNginx = (options: BalancerOptions): Promise<RealBalancer> =>
  startBalancer('nginx', async (dir, port) => {
    const config = await dir.write('nginx.conf', nginxConfig({ ...options, port, dir: dir.path }))
    return { args: ['-p', dir.path, '-c', config, '-e', 'stderr'], log: logIn(dir, nginxLine) }
  })

/** Starts HAProxy with the nodes as its servers: 502 on a broken answer, 503 when none connects, 504 on silence. */
export const startHaproxy = (options: BalancerOptions): Promise<RealBalancer> =>
  startBalancer('haproxy', async (dir, port) => {
    const config = await dir.write('haproxy.cfg', haproxyConfig({ ...options, port, dir: dir.path }))
    return { args: ['-db', '-f', config], log: async ({ stdout }) => stdout.flatMap(haproxyLine) }
  })

/** Starts Apache with the nodes as members: 502 on a broken answer, 503 when none connects, 504 on silence. */
export const startApache = (options: BalancerOptions): Promise<RealBalancer> =>
  startBalancer('apache2', async (dir, port) => {
    const config = await dir.write('httpd.conf', apacheConfig({ ...options, port, dir: dir.path }))
    return { args: ['-DFOREGROUND', '-f', config], log: logIn(dir, apacheLine) }
  })

interface Program {
  readonly args: readonly string[]
  readonly log: (process: RealProcess) => Promise<BalancerLine[]>
}

async function startBalancer(
  name: string,
  prepare: (dir: TempDir, port: number) => Promise<Program>,
): Promise<RealBalancer> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const port = await freePort()
  const { args, log } = await prepare(dir, port)
  const process = owned.use(await startProcess({ command: binaryPath(name) ?? name, args, port }))
  const kept = owned.move()
  return {
    address: `127.0.0.1:${port}`,
    log: () => log(process),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const logIn = (dir: TempDir, parse: (line: string) => BalancerLine[]) => async () =>
  (await readFile(join(dir.path, accessLog), 'utf8')).split('\n').flatMap(parse)
