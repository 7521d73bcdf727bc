/** Why somebody is blamed for an incident: what was seen, the strongest first, and last what speaks against it. */
import { type Cause, type Incident, weights } from '../../model/incident.ts'
import { formatSpan } from '../../runtime/duration.ts'
import { type Culprit, sum } from './culprit_of.ts'
import type { IncidentState } from './incident_state.ts'

type Ground = Incident['why'][number]

/** A node that answered nobody for as long stalled, in milliseconds. */
const leastStallMs = 500

export function groundsFor(incident: IncidentState, culprit: Culprit): Ground[] {
  const { node, nodes } = culprit
  if (node === 'unknown') return []
  const grounds = [
    ...fromErrors(incident, culprit),
    ...nodes.flatMap((name) => fromNode(incident, name)),
    ...fromOthers(incident, nodes),
  ]
  return grounds.sort((a, b) => weights.indexOf(a.weight) - weights.indexOf(b.weight))
}

function fromErrors({ blames, impact }: IncidentState, { node, nodes }: Culprit): Ground[] {
  const total = sum(blames)
  if (impact === 'hidden' || total === 0) return []
  const own = sum(blames.filter((each) => each.node === node || nodes.includes(each.node)))
  const [shared, unknown] = [true, false].map((isShared) =>
    blames.filter((each) => each.node === 'unknown' && (each.suspects !== undefined) === isShared),
  ) as [typeof blames, typeof blames]
  const others = total - own - sum(shared) - sum(unknown)
  return [
    ...(own > 0
      ? [ground('strong', `${own} of ${total} errors of the balancer ${was(own)} attributed to it`)]
      : []),
    ...(others > 0 ? [ground('against', `${others} of ${total} ${was(others)} attributed to others`)] : []),
    ...shared.map(({ errors, suspects = [] }) =>
      ground(
        suspects.every((name) => name === node || nodes.includes(name)) ? 'fair' : 'against',
        `${errors} of ${total} ${was(errors)} made by one of ${suspects.join(', ')}`,
      ),
    ),
    ...(unknown.length > 0
      ? [ground('against', `for ${sum(unknown)} of ${total} nobody could be blamed`)]
      : []),
  ]
}

function fromNode({ nodes, recycles }: IncidentState, name: string): Ground[] {
  const facts = nodes.find(({ node }) => node === name)
  const recycled = recycles
    .filter(({ node }) => node === name)
    .map(({ evidence, confidence }) =>
      ground(
        'fair',
        `${name} has a new worker: ${evidence.replace('_', ' ')}, ${Math.round(100 * confidence)} % sure`,
      ),
    )
  if (facts === undefined) return recycled
  const { failures, probes, stallMs, firstRequestMs } = facts
  return [
    ...(stallMs >= leastStallMs
      ? [ground('strong', `${name} answered nobody for ${formatSpan(stallMs)}`)]
      : []),
    ...(failures > 0 ? [ground('strong', `${failures} of ${probes} probes at ${name} itself failed`)] : []),
    ...(firstRequestMs > 0
      ? [ground('fair', `${name}'s first request took ${formatSpan(firstRequestMs)}`)]
      : []),
    ...recycled,
  ]
}

/** What the nodes did that are not blamed. */
function fromOthers({ nodes }: IncidentState, blamed: readonly string[]): Ground[] {
  const others = nodes.filter(({ node, probes }) => !blamed.includes(node) && probes > 0)
  const bad = others.filter(({ failures, stallMs }) => failures > 0 || stallMs >= leastStallMs)
  const good = others.filter((each) => !bad.includes(each))
  const probes = good.reduce((total, each) => total + each.probes, 0)
  return [
    ...(good.length > 0
      ? [
          ground(
            'strong',
            `${good.map(({ node }) => node).join(', ')} answered all the while (${probes} probes)`,
          ),
        ]
      : []),
    ...bad.map(({ node, failures }) =>
      ground(
        'against',
        failures > 0 ? `${node} failed ${failures} times as well` : `${node} stalled as well`,
      ),
    ),
  ]
}

const ground = (weight: Ground['weight'], sentence: string): Ground => ({ weight, sentence })

const was = (count: number): string => (count === 1 ? 'was' : 'were')

/** What each node had to do with it, by cause; the errors add up to those of the balancer that were attributed. */
export function partsOf(
  { blames, nodes }: IncidentState,
  causeOf: (node: IncidentState['nodes'][number]) => Cause,
): Incident['nodes'] {
  const parts = [...Map.groupBy(blames, ({ node, cause }) => `${cause} ${node}`).values()].map((same) => {
    const [{ node, cause }] = same as [(typeof same)[number]]
    return { node, cause, errors: sum(same), failures: 0 }
  })
  for (const node of nodes) {
    if (node.failures === 0 && node.stallMs < leastStallMs) continue
    const own = parts.find((part) => part.node === node.node)
    if (own === undefined)
      parts.push({ node: node.node, cause: causeOf(node), errors: 0, failures: node.failures })
    else own.failures = node.failures
  }
  return parts.sort((a, b) => b.errors - a.errors || b.failures - a.failures)
}
