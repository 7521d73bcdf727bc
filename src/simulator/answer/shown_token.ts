import type { Scenario } from '../farm/blueprint.ts'
import { affinityCookie, affinityOf, identityHeader, servedByHeader } from '../farm_to_probe.ts'
import type { Page } from './pages.ts'

/**
 * The headers by which an answer of a node shows where it comes from; the kernel's own pages show nothing.
 */
export function nodeHeaders(scenario: Scenario, page: Page, node: string, token?: string): Page['headers'] {
  if (page.name === 'kernel_503') return []
  return [
    ...(scenario.servedBy === 'header' ? [[servedByHeader, node] as const] : []),
    ...(scenario.identity && token !== undefined ? [[identityHeader, token] as const] : []),
  ]
}

/** What a balancer adds to what it passes on from a node, so that the client comes back to the same. */
export function affinityHeaders(scenario: Scenario, node: string): Page['headers'] {
  if (scenario.servedBy !== 'cookie' && scenario.balancer.algorithm !== 'affinity') return []
  return [['Set-Cookie', `${affinityCookie}=${affinityOf(node)};Path=/;HttpOnly`]]
}
