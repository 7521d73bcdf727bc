import { balancerName, type Check, type Farm, type Target } from '../model/farm.ts'
import { welcome } from './answer/pages.ts'
import type { CheckPlan, Scenario } from './farm/blueprint.ts'

/** The header in which the simulated application shows its worker. */
export const identityHeader = 'X-Worker'
/** The header in which it shows its node. */
export const servedByHeader = 'X-Node'
/** The cookie by which a balancer with affinity remembers the node. */
export const affinityCookie = 'ARRAffinity'

/** Where a target listens. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** The farm as farmprobe is told of it; `placeOf` knows where each target listens. */
export function farmPlan(scenario: Scenario, placeOf: (target: string) => Place): Farm {
  const target = (name: string, role: Target['role']): Target => ({
    role,
    name,
    scheme: 'http',
    ...placeOf(name),
  })
  const balancer = target(balancerName, 'balancer')
  return {
    name: scenario.name,
    site: { scheme: 'http', hostname: 'intranet.example.org', port: balancer.port },
    balancer,
    nodes: scenario.nodes.map(({ name }) => target(name, 'node')),
    checks: scenario.checks.map(checkPlan),
    maintenance: [],
    ...(scenario.identity ? { identity: { header: identityHeader } } : {}),
    ...servedBySource(scenario),
  }
}

function servedBySource({ servedBy }: Scenario): Pick<Farm, 'servedBy'> {
  if (servedBy === 'none') return {}
  return { servedBy: servedBy === 'header' ? { header: servedByHeader } : { cookie: affinityCookie } }
}

function checkPlan(plan: CheckPlan): Check {
  const body = {
    contains: [welcome],
    notContains: [],
    match: [],
    notMatch: [],
    minBytes: 1,
    maxBytes: 262_144,
  }
  return {
    name: plan.name,
    path: plan.path,
    method: 'GET',
    headers: [],
    tls: { insecure: false, minVersion: 'TLSv1.2' },
    schedule: { kind: 'interval', intervalMs: plan.intervalMs },
    timeoutMs: plan.timeoutMs,
    overlap: 4,
    connection: 'fresh',
    cacheBust: true,
    redirects: 'none',
    targets: plan.targets,
    expect: { status: [[200, 399]], body, headers: [] },
    ...(plan.canary ? {} : { burst: { intervalMs: 250, forMs: 30_000 } }),
    canary: plan.canary,
  }
}

/** The value of the affinity cookie of a node: 64 hexadecimal digits that say nothing to a person. */
export function affinityOf(node: string): string {
  let digits = ''
  for (let round = 0; digits.length < 64; round++) digits += hash(`${node}/${round}`)
  return digits
}

/** FNV-1a: only to look like the real thing. */
function hash(text: string): string {
  let sum = 0x811c9dc5
  for (const char of text) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return sum.toString(16).padStart(8, '0')
}
