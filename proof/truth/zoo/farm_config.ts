/** farmprobe's configuration of a farm, as a user would write it: addresses and identity, the defaults for all else. */
import { stickyCookie } from './balancers/haproxy.ts'
import { servedByHeader } from './balancers/nginx.ts'
import type { FarmAddresses } from './run/addresses.ts'
import type { FarmPlan, StartedNode } from './run/farm.ts'

/** The slow page has this many times the interval. */
export const slowCheckEvery = 5

export function asConfigured(
  plan: FarmPlan,
  { balancer, port, through }: FarmAddresses,
  nodes: readonly StartedNode[],
): object {
  const { kind, intervalMs } = plan
  const name = `${kind.name}-${intervalMs / 1000}s`
  const reach = (host: string) => `${kind.weather === undefined ? host : through(host)}:${port}`
  const expect = { body: { contains: 'Welcome' } }
  const farm = {
    name,
    url: `http://${name}.test`,
    address: reach(balancer),
    nodes: nodes.map((node) => ({ name: node.name, address: reach(node.address.split(':')[0] ?? '') })),
    identity: { header: 'X-Worker' },
    served_by: servedBy(plan),
    checks: [
      { name: 'home', path: '/', interval: `${intervalMs}ms`, expect },
      { name: 'report', path: '/report', interval: `${slowCheckEvery * intervalMs}ms`, expect },
    ],
  }
  return { web: { listen: '127.0.0.1:0' }, farms: [farm] }
}

/**
 * Each balancer names the answering node in its own way. Behind Apache the application names it; so it does where the
 * balancer and farmprobe know the nodes by different addresses.
 */
function servedBy({ kind }: FarmPlan): object {
  const { product, cookie = false } = kind.balancer
  if (product === 'apache' || kind.weather !== undefined) return { header: 'X-Node' }
  return product === 'haproxy' && cookie ? { cookie: stickyCookie } : { header: servedByHeader }
}
