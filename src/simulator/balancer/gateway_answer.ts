/** How balancers turn a node's failure into an answer of their own. */
import { type Page, pages } from '../answer/pages.ts'

/** Why a balancer has no answer of a node to pass on. */
export type UpstreamFailure = 'refused' | 'broken' | 'timeout' | 'no_node'

/** What a make of balancer answers in a node's place, and adds to what it passes on. */
export interface Product {
  readonly pages: Readonly<Record<UpstreamFailure, Page>>
  readonly headers: Page['headers']
}

const { iis_502: page } = pages

/** Application Request Routing: one page for everything; what went wrong is only in its own log. */
export const arr: Product = {
  pages: { refused: page, broken: page, timeout: page, no_node: page },
  headers: [['X-Powered-By', 'ARR/3.0']],
}

/** What makes a balancer ask one other node. ARR: nothing. */
export type Retry = 'never' | 'error' | 'error_and_timeout'

/** Whether it asks another node instead. */
export function mayRetry(retry: Retry, failure: UpstreamFailure): boolean {
  if (retry === 'never' || failure === 'no_node') return false
  return retry === 'error_and_timeout' || failure !== 'timeout'
}
