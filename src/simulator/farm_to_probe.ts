/** The simulated farm as a configuration would describe it to farmprobe. */
import { standardCheck } from '../config/farm/build_check.ts'
import { balancerName, type Check, type Farm, type Target } from '../model/farm.ts'
import { welcome } from './answer/pages.ts'
import { affinityCookie, identityHeader, servedByHeader } from './answer/shown_headers.ts'
import type { CheckPlan, Scenario } from './farm/blueprint.ts'

/** Where a target listens, by its name. */
export type AddressOf = (target: string) => Pick<Target, 'host' | 'port'>

export function farmPlan(scenario: Scenario, addressOf: AddressOf): Farm {
  const target = (name: string, role: Target['role']): Target => ({
    role,
    name,
    scheme: 'http',
    ...addressOf(name),
  })
  const balancer = target(balancerName, 'balancer')
  return {
    name: scenario.name,
    site: { scheme: 'http', hostname: 'intranet.example.org', port: balancer.port },
    balancer,
    nodes: scenario.nodes.map(({ name }) => target(name, 'node')),
    checks: scenario.checks.map((plan) => ({
      ...checkPlan(plan),
      ...(scenario.identity && { identity: { header: identityHeader } }),
    })),
    maintenance: [],
    ...(scenario.servedBy === 'header' && { servedBy: { header: servedByHeader } }),
    ...(scenario.servedBy === 'cookie' && { servedBy: { cookie: affinityCookie } }),
  }
}

const checkPlan = ({ intervalMs, ...plan }: CheckPlan): Check => ({
  ...standardCheck,
  name: plan.name,
  path: plan.path,
  schedule: { kind: 'interval', intervalMs },
  timeoutMs: plan.timeoutMs,
  targets: plan.targets,
  expect: {
    ...standardCheck.expect,
    body: { ...standardCheck.expect.body, contains: [welcome], minBytes: 1 },
  },
  ...(!plan.canary && { burst: { intervalMs: 250, forMs: 30_000 } }),
  canary: plan.canary,
})
