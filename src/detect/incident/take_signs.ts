/** What outcomes and events add to an incident. */
import { isScheduled, type Outcome } from '../../model/outcome.ts'
import { isBalancerError } from '../attribution/culprit.ts'
import type { Conclusion } from '../detector.ts'
import { factsOf, type IncidentState, joined, type Sign, signOf } from './incident_state.ts'
import { noteFailed, noteGood } from './scheduled_share.ts'

/** A failed probe; `good`: when good scheduled ones were sent to the balancer of late. */
export function takeFailure(incident: IncidentState, outcome: Outcome, good: readonly number[]): void {
  const { startedMs, check, lane, role, target } = outcome
  const code = codeOf(outcome)
  if (!incident.checks.includes(check)) incident.checks.push(check)
  if (role === 'balancer') {
    takeErrors(incident, { [code]: 1 }, signOf(outcome))
    if (isBalancerError(outcome, 'failure')) incident.owed++
    if (isScheduled(lane)) noteFailed(good, incident.share, startedMs)
    return
  }
  const facts = factsOf(incident, target)
  facts.probes++
  facts.failures++
  if (facts.how === '') facts.how = code === 'status' ? `${outcome.status}` : code
}

/** Users got errors; `counts` of them, by code. */
function takeErrors(incident: IncidentState, counts: Readonly<Record<string, number>>, sign: Sign): void {
  incident.impact = 'users'
  incident.users = joined(incident.users, sign)
  for (const [code, count] of Object.entries(counts))
    incident.errors = { ...incident.errors, [code]: (incident.errors[code] ?? 0) + count }
}

/** A good answer while incidents go on; one of a node that was sent after the last sign counts once there is a later one. */
export function takeSuccess(
  incidents: readonly IncidentState[],
  good: number[],
  { role, lane, target, startedMs }: Outcome,
  nowMs: number,
): void {
  const shares = incidents.map(({ share }) => share)
  if (role === 'balancer' && isScheduled(lane)) noteGood(good, shares, startedMs, nowMs)
  if (role !== 'node') return
  for (const incident of incidents) {
    if (startedMs < incident.openedMs) continue
    const facts = factsOf(incident, target)
    if (startedMs <= incident.lastMs) facts.probes++
    else facts.probesSince++
  }
}

/** A node's new worker was seen to answer its first request. */
export function takeFirstRequest(
  incident: IncidentState | undefined,
  { target, firstByteMs }: Extract<Conclusion, { kind: 'first_request' }>,
): void {
  const facts = incident?.nodes.find(({ node }) => node === target)
  if (facts !== undefined) facts.firstRequestMs = Math.max(facts.firstRequestMs, firstByteMs)
}

/** An error of the balancer was attributed. */
export function takeBlame(
  incidents: readonly IncidentState[],
  { atMs, node, cause, suspects }: Extract<Conclusion, { kind: 'balancer_error' }>,
): void {
  const incident = incidents.findLast(
    ({ users }) => users !== undefined && atMs >= users.fromMs && atMs <= users.toMs,
  )
  if (incident === undefined) return
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
  takeErrors(incident, failures, sign)
  const errors = Object.values(failures).reduce((sum, count) => sum + count, 0)
  addBlame(incident, { node, cause: 'link', errors, suspects: undefined })
}

/** What a recycle says that became known after the end. */
export const recycledLate = ({
  target,
  atMs,
  confidence,
}: Extract<Conclusion, { kind: 'recycle' }>): string =>
  `${target} had a new worker at ${new Date(atMs).toISOString().slice(11, 19)} UTC, which became known later (${Math.round(100 * confidence)} % sure)`

/** One more of these probes. */
export const takeThrough = (incident: IncidentState, outcome: Outcome): void =>
  takeLinkFailures(incident, outcome.target, { [codeOf(outcome)]: 1 }, signOf(outcome))

/** The code of an error answer, otherwise the reason. */
const codeOf = ({ status, reason }: Outcome): string => (status >= 400 ? `${status}` : reason)

/** What is told of a farm, not of a trouble, and incidents themselves. */
const apart: ReadonlySet<Conclusion['kind']> = new Set([
  'habit',
  'identity',
  'exporter',
  'incident_opened',
  'incident_closed',
])

export const isPart = ({ kind }: Pick<Conclusion, 'kind'>): boolean => !apart.has(kind)
