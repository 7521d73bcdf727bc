/** The headers by which an answer shows the node and the worker that it comes from. */
import { hash } from 'node:crypto'
import type { Scenario } from '../farm/blueprint.ts'
import type { Page } from './pages.ts'

/** The header in which the simulated application shows its worker. */
export const identityHeader = 'X-Worker'
export const servedByHeader = 'X-Node'
/** The cookie by which a balancer with affinity remembers the node. */
export const affinityCookie = 'ARRAffinity'

/** The value of the affinity cookie of a node: 64 hexadecimal digits that say nothing to a person. */
export const affinityOf = (node: string): string => hash('sha256', node)

/** What an answer of a node shows; the kernel's own pages show nothing. */
export function nodeHeaders(scenario: Scenario, page: Page, node: string, token?: string): Page['headers'] {
  if (page.name === 'kernel_503') return []
  return [
    ...(scenario.servedBy === 'header' ? [[servedByHeader, node] as const] : []),
    ...(scenario.identity && token !== undefined ? [[identityHeader, token] as const] : []),
  ]
}

/** What a balancer adds to what it passes on from a node, so that the client comes back to the same. */
export function affinityHeaders(scenario: Scenario, node: string): Page['headers'] {
  if (scenario.servedBy !== 'cookie') return []
  return [['Set-Cookie', `${affinityCookie}=${affinityOf(node)};Path=/;HttpOnly`]]
}
