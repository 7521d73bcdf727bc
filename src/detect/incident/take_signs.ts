/** What outcomes and events add to an incident. */
import { endedMs, isScheduled, type Outcome } from '../../model/outcome.ts'
import { isBalancerError } from '../attribution/culprit.ts'
import type { Conclusion } from '../detector.ts'
import { factsOf, type IncidentState, joined } from './incident_state.ts'
import { noteFailed } from './scheduled_share.ts'

/** A failed probe; `good`: when good scheduled ones were sent to the balancer of late. */
export function takeFailure(incident: IncidentState, outcome: Outcome, good: readonly number[]): void {
  const { startedMs, check, lane } = outcome
  const sign = { fromMs: startedMs, toMs: endedMs(outcome) }
  const code = codeOf(outcome)
  if (!incident.checks.includes(check)) incident.checks.push(check)
  if (outcome.role === 'balancer') {
    incident.impact = 'users'
    incident.users = joined(incident.users, sign)
    incident.errors = { ...incident.errors, [code]: (incident.errors[code] ?? 0) + 1 }
    if (isBalancerError(outcome, 'failure')) incident.owed++
    if (isScheduled(lane)) noteFailed(good, incident.share, startedMs)
    return
  }
  const facts = factsOf(incident, outcome.target)
  facts.probes++
  facts.failures++
  if (facts.how === '') facts.how = code
}

/** A good answer of a node while it lasts; one sent after the last sign so far counts once there is a later one. */
export function takeSuccess(incident: IncidentState, { target, startedMs }: Outcome): void {
  if (startedMs < incident.openedMs) return
  const facts = factsOf(incident, target)
  if (startedMs <= incident.lastMs) facts.probes++
  else facts.probesSince++
}

/** An error of the balancer was attributed. */
export function takeBlame(
  incident: IncidentState,
  { node, cause }: Extract<Conclusion, { kind: 'balancer_error' }>,
): void {
  incident.owed--
  const known = incident.blames.find((each) => each.node === node && each.cause === cause)
  if (known === undefined) incident.blames.push({ node, cause, errors: 1 })
  else known.errors++
}

/** What a recycle says that became known after the end. */
export const recycledLate = ({
  target,
  atMs,
  confidence,
}: Extract<Conclusion, { kind: 'recycle' }>): string =>
  `${target} had a new worker at ${new Date(atMs).toISOString().slice(11, 19)} UTC, which became known later (${Math.round(100 * confidence)} % sure)`

/** What WAS says of a recycle after the end. */
export const explainedLate = ({ target }: Extract<Conclusion, { kind: 'crosscheck' }>, why: string): string =>
  `why ${target} had a new worker became known later: ${why}`

/** The code of an error answer, otherwise the reason. */
const codeOf = ({ status, reason }: Outcome): string => (status >= 400 ? `${status}` : reason)

/** The kinds of events that are a part of the trouble in whose time they happen. */
const parts: ReadonlySet<Conclusion['kind']> = new Set([
  'recycle',
  'stall',
  'first_request',
  'outage_opened',
  'outage_closed',
  'verdict',
  'balancer_error',
  'deploy',
  'maintenance',
  'crosscheck',
])

export const isPart = ({ kind }: Pick<Conclusion, 'kind'>): boolean => parts.has(kind)
