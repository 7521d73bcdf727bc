/** The balancer in front of a farm: three products, each set up in the ways in which they are met. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FarmAddresses } from '../run/addresses.ts'
import type { Program, Programs } from '../run/processes.ts'
import { apache } from './apache.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'

export type Product = 'nginx' | 'haproxy' | 'apache'

export interface BalancerPlan {
  readonly product: Product
  /** How long it waits for a node, in milliseconds. */
  readonly timeoutMs: number
  /** Asks another node when one fails. */
  readonly retry?: boolean
  /** Keeps connections to nodes, and uses them again. */
  readonly keepAlive?: boolean
  /** HAProxy only: asks nodes itself whether they are well, and takes them out of rotation. */
  readonly health?: boolean
  /** HAProxy only: a cookie keeps a user at one node, and names it. */
  readonly cookie?: boolean
}

export interface BalancerSetting {
  readonly plan: BalancerPlan
  readonly host: string
  readonly port: number
  readonly nodes: readonly BalancedNode[]
  readonly dir: string
}

export interface BalancedNode {
  readonly name: string
  /** `ip:port` */
  readonly address: string
}

/** A request in a balancer's own log. */
export interface BalancerLine {
  readonly id: string
  /** When it reached the balancer, wall milliseconds. */
  readonly atMs: number
  readonly tookMs: number
  /** What the balancer answered. */
  readonly status: number
  /** The names or addresses of the nodes it asked, the last one last; empty when it asked none. */
  readonly asked: readonly string[]
  /** What the balancer says of the error, in its own words; empty where all went well. */
  readonly error: string
}

/** How one product is run and read. */
export interface Balancer {
  readonly program: string
  readonly debianPackage: string
  /** Writes its files and says how to start it. */
  prepare(setting: BalancerSetting): Pick<Program, 'command' | 'args'>
  read(dir: string): BalancerLine[]
}

export const balancers: Readonly<Record<Product, Balancer>> = { nginx, haproxy, apache }

export interface RunningBalancer {
  /** `ip:port` */
  readonly address: string
  log(): BalancerLine[]
}

export async function startBalancer(
  plan: BalancerPlan,
  nodes: readonly BalancedNode[],
  { balancer: host, port }: FarmAddresses,
  folder: string,
  programs: Programs,
): Promise<RunningBalancer> {
  const dir = join(folder, 'balancer')
  mkdirSync(dir)
  const balancer = balancers[plan.product]
  const start = balancer.prepare({ plan, host, port, nodes, dir })
  await programs.start({ ...start, output: join(dir, 'output'), listens: { host, port } })
  return { address: `${host}:${port}`, log: () => balancer.read(dir) }
}
