/** Events of the sample farm. */
import type { BalancerError, FarmEvent, OutageClosed, Recycle } from '../../../src/model/event.ts'
import type { Incident } from '../../../src/model/incident.ts'

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

/** The incident of the contract's example: web01 started cold behind a balancer that waits 30 s. */
export function anIncident(different: Partial<Incident> = {}): Incident {
  const { openedMs = Date.UTC(2026, 11, 1, 2, 2, 18) } = different
  return {
    id: `intranet-${openedMs}`,
    farm: 'intranet',
    impact: 'users',
    openedMs,
    closedMs: openedMs + 41_000,
    maintenance: false,
    checks: ['home'],
    errors: { 504: 7 },
    usersMs: { fromMs: openedMs, toMs: openedMs + 41_000 },
    probes: 21,
    failed: 7,
    failedShare: 7 / 21,
    nodes: [{ node: 'web01', cause: 'cold_start', errors: 7, failures: 1 }],
    node: 'web01',
    cause: 'cold_start',
    confidence: 0.98,
    why: [{ weight: 'strong', sentence: '7 of 7 errors of the balancer were attributed to it' }],
    summary: 'For 41 s a third of the requests to intranet failed (7 × 504): web01 was starting cold, 40 s.',
    cure: 'Keep a worker running and warm',
    runbook: 'FarmprobeFirstRequestSlow',
    amended: [],
    ...different,
  }
}

const toldOf = (snapshot: Incident) => ({
  farm: snapshot.farm,
  maintenance: snapshot.maintenance,
  incident: snapshot.id,
  snapshot,
})

export const incidentOpened = (snapshot: Incident): FarmEvent => ({
  kind: 'incident_opened',
  atMs: snapshot.openedMs,
  ...toldOf({ ...snapshot, closedMs: null }),
})

export const incidentClosed = (snapshot: Incident): FarmEvent => ({
  kind: 'incident_closed',
  atMs: snapshot.closedMs ?? snapshot.openedMs,
  ...toldOf(snapshot),
})
