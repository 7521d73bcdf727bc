import type { Order, Outcome } from '../model/outcome.ts'

/** The outcome of a probe that threw, which is a bug of ours and says nothing of the target. */
export function internalOutcome(
  { farm, check, target, lane, slotMs, lagMs }: Order,
  totalMs: number,
  error: unknown,
): Outcome {
  return {
    farm: farm.name,
    role: target.role,
    target: target.name,
    check: check.name,
    id: '',
    lane,
    slotMs,
    startedMs: slotMs + lagMs,
    lagMs,
    suspect: false,
    reason: 'internal',
    detail: `the probe itself failed: ${String(error)}`,
    status: 0,
    phaseMs: {},
    totalMs,
    address: '',
    bodyBytes: 0,
  }
}
