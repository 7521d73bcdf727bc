import type { Context } from 'hono'
import type { Evidence, Outcome } from '../../model/outcome.ts'
import type { Ports } from '../web_ports.ts'
import { aboutOf, known, limitOf, spanOf } from './query_parameters.ts'

/** `GET /api/v1/failures?farm=&target=&check=&since=&until=&limit=`: failed probes with their evidence, the newest first. */
export function failuresApi(c: Context, ports: Ports, nowMs: number): Response {
  const history = ports.history()
  const span = known(spanOf(c, nowMs, 0), history)
  const failures = history.failures(span, aboutOf(c), limitOf(c, 50, 500))
  return c.json({ ...span, failures: failures.map(failureView) })
}

function failureView(outcome: Outcome) {
  const { farm, role, target, check, id, lane, startedMs, reason, detail, status } = outcome
  const { phaseMs, firstByteMs, totalMs, address, origin, tells, servedBy, evidence } = outcome
  return {
    id,
    at: new Date(startedMs).toISOString(),
    atMs: startedMs,
    farm,
    role,
    target,
    check,
    lane,
    reason,
    detail,
    status,
    phaseMs,
    firstByteMs: firstByteMs ?? null,
    totalMs,
    address,
    origin: origin ?? null,
    tells: tells ?? null,
    servedBy: servedBy ?? null,
    evidence: evidence === undefined ? null : evidenceView(evidence),
  }
}

const evidenceView = ({ statusText, headers, bodyStart }: Evidence) => ({
  statusText,
  headers: headers.map(([name, value]) => ({ name, value })),
  bodyStart,
})
