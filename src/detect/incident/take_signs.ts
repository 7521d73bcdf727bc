/** What outcomes and events add to an incident. */
import { wasWords } from '../../model/event_sentence.ts'
import { isScheduled, type Outcome } from '../../model/outcome.ts'
import { isBalancerError } from '../attribution/culprit.ts'
import type { Conclusion } from '../detector.ts'
import { factsOf, type IncidentState, joined, type Sign, signOf } from './incident_state.ts'
import { noteFailed } from './scheduled_share.ts'

/** A failed probe; `good`: when good scheduled ones were sent to the balancer of late. */
export function takeFailure(incident: IncidentState, outcome: Outcome, good: readonly number[]): void {
  const { startedMs, check, lane } = outcome
  const code = codeOf(outcome)
  if (!incident.checks.includes(check)) incident.checks.push(check)
  if (outcome.role === 'balancer') {
    incident.impact = 'users'
    incident.users = joined(incident.users, signOf(outcome))
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

/** A node's new worker was seen to answer its first request. */
export function takeFirstRequest(
  incident: IncidentState | undefined,
  { target, firstByteMs }: Extract<Conclusion, { kind: 'first_request' }>,
): void {
  const facts = incident?.nodes.find(({ node }) => node === target)
  if (facts !== undefined) facts.firstRequestMs = Math.max(facts.firstRequestMs, firstByteMs)
}

/** WAS says why a worker ended; `recent` are the recycles of the last minute. */
export function takeReason(
  incident: IncidentState | undefined,
  recent: IncidentState['recycles'],
  event: Extract<Conclusion, { kind: 'crosscheck' }>,
): void {
  const { was } = event.inside ?? {}
  if (was === undefined || incident === undefined) return
  const why = wasWords(was)
  for (const recycle of [...recent, ...incident.recycles])
    if (recycle.node === event.target && recycle.atMs === event.outside?.atMs) recycle.why = why
  if (incident.closed !== undefined && event.late !== 'outside')
    incident.amended.push(explainedLate(event, why))
}

/** An error of the balancer was attributed. */
export function takeBlame(
  incident: IncidentState,
  { node, cause, suspects }: Extract<Conclusion, { kind: 'balancer_error' }>,
): void {
  incident.owed--
  addBlame(incident, { node, cause, errors: 1, suspects: suspects && [...suspects] })
}

function addBlame({ blames }: IncidentState, blame: IncidentState['blames'][number]): void {
  const { node, cause, suspects } = blame
  const known = blames.find(
    (each) => each.node === node && each.cause === cause && each.suspects?.join() === suspects?.join(),
  )
  if (known === undefined) blames.push(blame)
  else known.errors += blame.errors
}

/** Probes to a node through the balancer failed, because the balancer does not reach the node. */
export function takeLinkFailures(
  incident: IncidentState,
  node: string,
  failures: Readonly<Record<string, number>>,
  sign: Sign,
): void {
  incident.impact = 'users'
  incident.users = joined(incident.users, sign)
  for (const [code, count] of Object.entries(failures)) {
    incident.errors = { ...incident.errors, [code]: (incident.errors[code] ?? 0) + count }
    addBlame(incident, { node, cause: 'link', errors: count, suspects: undefined })
  }
}

/** What a recycle says that became known after the end. */
export const recycledLate = ({
  target,
  atMs,
  confidence,
}: Extract<Conclusion, { kind: 'recycle' }>): string =>
  `${target} had a new worker at ${new Date(atMs).toISOString().slice(11, 19)} UTC, which became known later (${Math.round(100 * confidence)} % sure)`

/** What WAS says of a recycle after the end. */
const explainedLate = ({ target }: Extract<Conclusion, { kind: 'crosscheck' }>, why: string): string =>
  `why ${target} had a new worker became known later: ${why}`

/** One more of these probes. */
export const takeThrough = (incident: IncidentState, outcome: Outcome): void =>
  takeLinkFailures(incident, outcome.target, { [codeOf(outcome)]: 1 }, signOf(outcome))

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
  'link',
  'deploy',
  'maintenance',
  'crosscheck',
])

export const isPart = ({ kind }: Pick<Conclusion, 'kind'>): boolean => parts.has(kind)
