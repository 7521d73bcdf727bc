/** The three balancers, each with a patience of its own. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  type Places,
} from '../../../test/support/processes/balancer_files.ts'
import { freePort } from '../../../test/support/servers/loopback_port.ts'
import { startServer } from './server.ts'

export interface Balancer extends AsyncDisposable {
  readonly product: Product
  /** `127.0.0.1:port` */
  readonly address: string
  readonly timeoutMs: number
  /** Its access log so far. */
  log(): BalancerLine[]
}

interface Kind {
  readonly program: string
  /** How long it waits for a node: less than a cold start takes, so that users see errors. */
  readonly timeoutMs: number
  readonly config: (options: BalancerOptions & Places) => string
  readonly args: (config: string, dir: string) => readonly string[]
  /** The file of its access log. */
  readonly log: string
  readonly line: (line: string) => BalancerLine[]
}

const output = 'output'

const kinds = {
  nginx: {
    program: 'nginx',
    timeoutMs: 2000,
    config: nginxConfig,
    args: (config, dir) => ['-p', dir, '-c', config, '-e', 'stderr'],
    log: accessLog,
    line: nginxLine,
  },
  haproxy: {
    program: 'haproxy',
    timeoutMs: 3000,
    config: haproxyConfig,
    args: (config) => ['-db', '-f', config],
    log: output,
    line: haproxyLine,
  },
  apache: {
    program: 'apache2',
    timeoutMs: 4000,
    config: apacheConfig,
    args: (config) => ['-DFOREGROUND', '-f', config],
    log: accessLog,
    line: apacheLine,
  },
} as const satisfies Record<string, Kind>

export type Product = keyof typeof kinds

export const products = Object.keys(kinds) as Product[]

/** The programs of all of them. */
export const balancerPrograms: readonly string[] = Object.values(kinds).map(({ program }) => program)

export async function startBalancer(
  product: Product,
  nodes: readonly string[],
  folder: string,
): Promise<Balancer> {
  const { program, timeoutMs, config, args, log, line }: Kind = kinds[product]
  const dir = join(folder, product)
  mkdirSync(dir)
  const port = await freePort()
  const file = join(dir, 'config')
  writeFileSync(file, config({ nodes, timeoutMs, port, dir }))
  const server = await startServer({
    command: program,
    args: args(file, dir),
    port,
    output: join(dir, output),
  })
  return {
    product,
    address: `127.0.0.1:${port}`,
    timeoutMs,
    log: () => readFileSync(join(dir, log), 'utf8').split('\n').slice(0, -1).flatMap(line),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
