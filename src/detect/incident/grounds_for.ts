/** Why somebody is blamed for an incident: what was seen, the strongest first, and last what speaks against it. */
import { evidenceWords } from '../../model/event_sentence.ts'
import { type Cause, type Incident, weights } from '../../model/incident.ts'
import { formatSpan } from '../../runtime/duration.ts'
import { type Culprit, sum } from './culprit_of.ts'
import { type IncidentState, isBad, nodeFacts } from './incident_state.ts'

type Ground = Incident['why'][number]

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
  if (impact === 'hidden' || blames.length === 0) return []
  const isBlamed = (name: string) => name === node || nodes.includes(name)
  const own = sum(blames.filter((each) => isBlamed(each.node)))
  const shared = blames.filter(({ suspects }) => suspects !== undefined)
  const unknown = sum(blames.filter((each) => each.node === 'unknown' && each.suspects === undefined))
  const others = sum(blames) - own - sum(shared) - unknown
  const blamedOn = (who: string, errors: number) =>
    `the balancer's errors blamed on ${who}: ${errors} of ${sum(blames)}`
  return [
    ...(own > 0 ? [ground('strong', blamedOn(nodes.length > 1 ? 'them' : 'it', own))] : []),
    ...(others > 0 ? [ground('against', blamedOn('others', others))] : []),
    ...shared.map(({ errors, suspects = [] }) =>
      ground(
        suspects.every(isBlamed) ? 'fair' : 'against',
        blamedOn(`one of ${suspects.join(', ')}`, errors),
      ),
    ),
    ...(unknown > 0 ? [ground('against', blamedOn('nobody', unknown))] : []),
  ]
}

function fromNode({ nodes, recycles }: IncidentState, name: string): Ground[] {
  const { failures, probes, stallMs, firstRequestMs } =
    nodes.find(({ node }) => node === name) ?? nodeFacts.empty()
  return [
    ...(stallMs > 0 ? [ground('strong', `${name} answered nobody for ${formatSpan(stallMs)}`)] : []),
    ...(failures > 0 ? [ground('strong', `${failures} of ${probes} probes at ${name} itself failed`)] : []),
    ...(firstRequestMs > 0
      ? [
          ground(
            'fair',
            `the first request to ${name}'s new worker took at least ${formatSpan(firstRequestMs)}`,
          ),
        ]
      : []),
    ...recycles
      .filter(({ node }) => node === name)
      .map(({ evidence, confidence }) =>
        ground(
          'fair',
          `${name} has a new worker: ${evidenceWords[evidence]} (${Math.round(100 * confidence)} % sure)`,
        ),
      ),
  ]
}

/** What the nodes did that are not blamed. */
function fromOthers({ nodes }: IncidentState, blamed: readonly string[]): Ground[] {
  const others = nodes.filter(({ node, probes }) => !blamed.includes(node) && probes > 0)
  const good = others.filter((each) => !isBad(each))
  const probes = good.reduce((total, each) => total + each.probes, 0)
  const names = good.map(({ node }) => node).join(', ')
  return [
    ...(names === '' ? [] : [ground('strong', `${names} answered ${probes} of ${probes} probes meanwhile`)]),
    ...others.filter(isBad).map(({ node, failures, probes }) => {
      const what = failures > 0 ? `${failures} of ${probes} probes at ${node} failed` : `${node} stalled`
      return ground('against', `${what} as well`)
    }),
  ]
}

const ground = (weight: Ground['weight'], sentence: string): Ground => ({ weight, sentence })

/** What each node had to do with it, by cause; the errors add up to those of the balancer that were attributed. */
export function partsOf(
  { blames, nodes }: IncidentState,
  causeOf: (node: IncidentState['nodes'][number]) => Cause,
): Incident['nodes'] {
  const parts = [...Map.groupBy(blames, ({ node, cause }) => `${cause} ${node}`).values()].map((same) => {
    const [{ node, cause }] = same as [(typeof same)[number]]
    return { node, cause, errors: sum(same), failures: 0 }
  })
  for (const node of nodes.filter(isBad)) {
    const own = parts.find((part) => part.node === node.node)
    if (own === undefined)
      parts.push({ node: node.node, cause: causeOf(node), errors: 0, failures: node.failures })
    else own.failures = node.failures
  }
  return parts.sort((a, b) => b.errors - a.errors || b.failures - a.failures)
}
