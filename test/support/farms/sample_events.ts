/** Events of the sample farm. */
import type { BalancerError, FarmEvent, OutageClosed, Recycle } from '../../../src/model/event.ts'

const about = (atMs: number) => ({ atMs, farm: 'intranet', maintenance: false })

export const recycleOf = (target: string, atMs: number): Recycle => ({
  ...about(atMs),
  kind: 'recycle',
  target,
  evidence: 'identity',
  confidence: 0.99,
})

export const firstRequestOf = (target: string, atMs: number, firstByteMs: number): FarmEvent => ({
  ...about(atMs),
  kind: 'first_request',
  target,
  check: 'home',
  firstByteMs,
  reason: 'ok',
})

export const errorOf = (
  node: string,
  atMs: number,
  different: Partial<BalancerError> = {},
): BalancerError => ({
  ...about(atMs),
  kind: 'balancer_error',
  check: 'home',
  id: `error-${atMs}`,
  lane: 'tick',
  status: 502,
  origin: 'arr',
  firstByteMs: 5000,
  node,
  cause: 'cold_start',
  ...different,
})

export const outageOf = (target: string, atMs: number, lengthMs: number): OutageClosed => ({
  ...about(atMs),
  kind: 'outage_closed',
  role: target === 'balancer' ? 'balancer' : 'node',
  target,
  check: 'home',
  reason: 'refused',
  lengthMs,
  failures: { refused: 3 },
})
