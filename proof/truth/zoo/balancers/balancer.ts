/** The balancer in front of a farm: three products with the settings that farms use. */
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
  /** The time-out for a node's answer, in milliseconds. */
  readonly timeoutMs: number
  /** Retries a failed request on another node. */
  readonly retry?: boolean
  /** Reuses connections to nodes. */
  readonly keepAlive?: boolean
  /** HAProxy only: health checks take nodes out of rotation. */
  readonly health?: boolean
  /** HAProxy only: a cookie binds a user to a node and names it. */
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
  /** The status of the balancer's answer. */
  readonly status: number
  /** Names or addresses of the nodes it tried, in order; empty when it tried none. */
  readonly tried: readonly string[]
  /** The balancer's own words about the error; empty for none. */
  readonly error: string
}

/** How a product is started, and how its log is read. */
export interface Balancer {
  readonly program: string
  readonly debianPackage: string
  /** Writes its configuration and returns the command that starts it. */
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
