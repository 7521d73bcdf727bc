/** Who caused an incident, and how: from what the balancer's errors are attributed to and what the nodes did. */
import { balancerName } from '../../model/farm.ts'
import { type Cause, severalNodes } from '../../model/incident.ts'
import { type IncidentState, isBad, type NodeFacts } from './incident_state.ts'

export interface Culprit {
  /** A node, `balancer`, `several` or `unknown`. */
  readonly node: string
  readonly cause: Cause
  /** 0 to 1. */
  readonly confidence: number
  /** The nodes behind it: one, several, or none. */
  readonly nodes: readonly string[]
  /** Every node of the farm failed at once. */
  readonly all: boolean
}

/** A culprit has at least this share of the errors that are attributed to anybody; each of several this one. */
const shares = { one: 0.8, several: 0.2 }
/** Below this nobody is blamed. */
const leastConfidence = 0.5
/** What is seen, not concluded, is as sure as this. */
const seen = 0.99
/** Attribution is right about as often. */
const attributed = 0.98
/** An idle connection is concluded from when errors come, not seen. */
const concluded = 0.8
/** A node that failed while the balancer did is its likely cause, though no single error is attributed. */
const coincided = 0.75
/** A new worker that was waited for as long started cold, in milliseconds. */
const leastColdMs = 500

const nobody: Culprit = { node: 'unknown', cause: 'unknown', confidence: 0, nodes: [], all: false }

/** `nodes`: the names of the farm's. */
export function culpritOf(incident: IncidentState, nodes: readonly string[]): Culprit {
  const found = incident.impact === 'users' ? ofErrors(incident, nodes) : ofNodes(incident, nodes, seen)
  return found.confidence < leastConfidence ? nobody : found
}

function ofErrors(incident: IncidentState, nodes: readonly string[]): Culprit {
  const named = incident.blames.flatMap(shared)
  const total = sum(named)
  const byNode = [...Map.groupBy(named, ({ node }) => node)]
    .map(([node, blames]) => ({ node, blames, errors: sum(blames) }))
    .sort((a, b) => b.errors - a.errors)
  const [first] = byNode
  const unknown = sum(incident.blames) - total
  const sureness = (blames: typeof named) =>
    blames.reduce((all, { errors, confidence }) => all + errors * confidence, 0) / (total + unknown / 2)
  if (first !== undefined && first.errors >= shares.one * total && !(incident.allDown && unknown >= total)) {
    const { node, blames } = first
    const own = node === balancerName ? [] : [node]
    return { node, cause: mostOf(blames), confidence: sureness(blames), nodes: own, all: false }
  }
  if (incident.allDown || first === undefined)
    return ofNodes(incident, nodes, incident.allDown ? attributed : coincided)
  const some = byNode.filter(({ errors }) => errors >= shares.several * total)
  const confidence = sureness(some.flatMap(({ blames }) => blames))
  return { ...together(some.map(({ node }) => node)), cause: mostOf(named), confidence }
}

/** An error that several nodes explain is as likely each one's. */
function shared({ node, cause, errors, suspects = [] }: IncidentState['blames'][number]) {
  if (node !== 'unknown')
    return [{ node, cause, errors, confidence: cause === 'stale_connection' ? concluded : attributed }]
  const part = { cause, errors: errors / suspects.length, confidence: coincided }
  return suspects.map((suspect) => ({ ...part, node: suspect }))
}

/** From what the nodes were seen to do. */
function ofNodes(incident: IncidentState, nodes: readonly string[], confidence: number): Culprit {
  if (incident.allDown && nodes.length > 1)
    return { node: severalNodes, cause: 'node_down', confidence, nodes, all: true }
  const failing = incident.nodes.filter(isBad)
  const recycled = incident.nodes.filter(({ node }) =>
    incident.recycles.some((recycle) => recycle.node === node),
  )
  const bad = failing.length > 0 ? failing : recycled
  const [one] = bad
  if (one === undefined) {
    // What balancers answer in a node's place is attributed, soon or in vain; until then nothing is proven.
    const proven = incident.blames.length === 0 && incident.owed <= 0 && nodes.length > 0
    const isFine = nodes.every((name) =>
      incident.nodes.some(({ node, probes }) => node === name && probes > 0),
    )
    return proven && isFine
      ? { node: balancerName, cause: 'balancer', confidence: coincided, nodes: [], all: false }
      : nobody
  }
  const causes = bad.map((node) => ({ errors: node.failures + 1, cause: ownCause(incident, node) }))
  return { ...together(bad.map(({ node }) => node)), cause: mostOf(causes), confidence }
}

const together = (nodes: readonly string[]) => {
  const [one = 'unknown'] = nodes
  return { node: nodes.length === 1 ? one : severalNodes, nodes, all: false }
}

/** Why a node failed by itself, as far as what was seen tells. */
export function ownCause(
  { recycles }: IncidentState,
  { node, failures, how, stallMs, firstRequestMs }: NodeFacts,
): Cause {
  if (recycles.some((recycle) => recycle.node === node)) {
    const waited = failures === 0 || how === 'first_byte_timeout'
    return waited && Math.max(stallMs, firstRequestMs) >= leastColdMs ? 'cold_start' : 'recycle'
  }
  return failures > 0 ? 'node_down' : 'unknown'
}

interface Counted {
  readonly cause: Cause
  readonly errors: number
}

function mostOf(counted: readonly Counted[]): Cause {
  const known = counted.filter(({ cause }) => cause !== 'unknown')
  const byCause = [...Map.groupBy(known, ({ cause }) => cause)]
  const [most] = byCause.sort(([, a], [, b]) => sum(b) - sum(a))
  return most?.[0] ?? 'unknown'
}

export const sum = (counted: readonly { readonly errors: number }[]): number =>
  counted.reduce((total, { errors }) => total + errors, 0)
