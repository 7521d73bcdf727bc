import type { Outcome } from '../../model/outcome.ts'
import { check, farm, limit, since, target, until } from './parameters.ts'
import { type Route, readRoute } from './route.ts'
import { remembered, spanOf } from './spans.ts'

const usualFailures = 50

export const failuresApi: Route = readRoute({
  path: '/api/v1/failures',
  summary: 'Failed probes with what was answered, the newest first.',
  parameters: { since, until, farm, target, check, limit: limit(500) },
  schema: 'failures',
  async answer(given, { ports, nowMs }) {
    const history = ports.history()
    const span = await remembered(spanOf(given, nowMs, 0), history)
    const failures = await history.failures(span, given, given.limit ?? usualFailures)
    return { ...span, failures: failures.map(failureView) }
  },
})

function failureView(outcome: Outcome) {
  const { id, traceId, startedMs, farm, role, target, check, lane, reason, detail, status } = outcome
  const { phaseMs, authMs, firstByteMs, totalMs, latenessMs, address, origin, tells, servedBy, evidence } =
    outcome
  return {
    id,
    traceId: traceId ?? null,
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
    authMs: authMs ?? null,
    firstByteMs: firstByteMs ?? null,
    totalMs,
    latenessMs,
    address,
    origin: origin ?? null,
    tells: tells ?? null,
    servedBy: servedBy ?? null,
    evidence:
      evidence === undefined
        ? null
        : { ...evidence, headers: evidence.headers.map(([name, value]) => ({ name, value })) },
  }
}
