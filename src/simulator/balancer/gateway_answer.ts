/** How balancers turn a node's failure into an answer of their own. */
import { type Page, type PageName, pages } from '../answer/pages.ts'
import type { FailureKind } from '../answer/simulated_answer.ts'
import type { BalancerPlan } from '../farm/blueprint.ts'

/** Why a balancer has no answer of a node to pass on. */
export type UpstreamFailure = 'refused' | 'broken' | 'timeout' | 'no_node'

const answers: Readonly<Record<BalancerPlan['product'], Readonly<Record<UpstreamFailure, PageName>>>> = {
  // One page for everything: what went wrong is only in ARR's own log.
  arr: { refused: 'iis_502', broken: 'iis_502', timeout: 'iis_502', no_node: 'iis_502' },
  nginx: { refused: 'nginx_502', broken: 'nginx_502', timeout: 'nginx_504', no_node: 'nginx_502' },
  haproxy: { refused: 'haproxy_503', broken: 'haproxy_502', timeout: 'haproxy_504', no_node: 'haproxy_503' },
}

/** The page that the product answers instead. */
export const gatewayPage = (plan: BalancerPlan, failure: UpstreamFailure): Page =>
  pages[answers[plan.product][failure]]

/** Whether it asks another node instead. */
export function mayRetry(plan: BalancerPlan, failure: UpstreamFailure): boolean {
  if (plan.retry === 'never' || failure === 'no_node') return false
  return plan.retry === 'error_and_timeout' || failure !== 'timeout'
}

/** What a balancer makes of a node that fails in this way. */
export const upstreamFailures: Readonly<Record<FailureKind, Exclude<UpstreamFailure, 'no_node'>>> = {
  refused: 'refused',
  reset: 'broken',
  closed: 'broken',
  garbage: 'broken',
  unanswered: 'timeout',
  unreachable: 'timeout',
}

/** Headers that the balancer adds to what it passes on. */
export const passingHeaders = (plan: BalancerPlan): Page['headers'] =>
  plan.product === 'arr' ? [['X-Powered-By', 'ARR/3.0']] : []
