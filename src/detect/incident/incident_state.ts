/** What is remembered of one incident while it lasts, and for a while after. */
import { recycleEvidence } from '../../model/event.ts'
import { causes, impacts } from '../../model/incident.ts'
import { endedMs, type Outcome } from '../../model/outcome.ts'
import { fieldsOf, flag, listOf, number, type Of, oneOf, optional, tallies, text, time } from '../shape.ts'
import { recentGood, share } from './scheduled_share.ts'

/** A recycle that may belong to an incident. */
const recycleFacts = fieldsOf({
  node: text,
  atMs: time,
  evidence: oneOf(recycleEvidence),
  confidence: number,
  /** Why, as WAS wrote it. */
  why: optional(text),
})

/** What a node did meanwhile. */
export const nodeFacts = fieldsOf({
  node: text,
  /** Probes that prove something, up to the last sign, and since. */
  probes: number,
  probesSince: number,
  failures: number,
  /** How it failed first, by status code or reason; empty when it did not. */
  how: text,
  /** The longest stall, in milliseconds. */
  stallMs: number,
  /** The longest first request, in milliseconds. */
  firstRequestMs: number,
})

export const incidentState = fieldsOf({
  id: text,
  impact: oneOf(impacts),
  /** When the first sign was sent. */
  openedMs: time,
  /** When the last sign ended. */
  lastMs: time,
  /** When the first sign became known. */
  knownMs: time,
  /** The impact with which it was told last. */
  told: optional(oneOf(impacts)),
  checks: listOf(text),
  errors: tallies,
  users: optional(fieldsOf({ fromMs: time, toMs: time })),
  share,
  nodes: listOf(nodeFacts),
  /** `suspects`, where the node is unknown: it is one of these. */
  blames: listOf(
    fieldsOf({ node: text, cause: oneOf(causes), errors: number, suspects: optional(listOf(text)) }),
  ),
  /** Errors of the balancer that are not attributed yet. */
  owed: number,
  recycles: listOf(recycleFacts),
  /** At some moment every node failed. */
  allDown: flag,
  /** As it was told when it was closed: that is how it is counted. */
  closed: optional(fieldsOf({ node: text, cause: oneOf(causes), confidence: number, summary: text })),
  amended: listOf(text),
})

/** What is remembered of all incidents of a farm. */
export const incidentsState = fieldsOf({
  /** Those that go on, and those that are over and may be amended; the oldest first. */
  incidents: listOf(incidentState),
  /** Of the last minute: they may be the cause of what fails next. */
  recycles: listOf(recycleFacts),
  good: recentGood,
  /** Nodes that the balancer does not reach now, though they answer by themselves. */
  cutOff: listOf(text),
})

export type IncidentState = Of<typeof incidentState>
export type NodeFacts = IncidentState['nodes'][number]

/** The farm as far as what is told depends on it. */
export interface TellingFarm {
  readonly name: string
  /** The names of its nodes. */
  readonly nodes: readonly string[]
  /** Some check asks the balancer: only then is it known what users notice. */
  readonly asksBalancer: boolean
  inMaintenance(atMs: number): boolean
}

/** A time in which something failed, wall milliseconds. */
export interface Sign {
  readonly fromMs: number
  readonly toMs: number
}

export const signOf = (outcome: Outcome): Sign => ({ fromMs: outcome.startedMs, toMs: endedMs(outcome) })

/** How long before its first sign a recycle may have caused an incident, in milliseconds. */
export const leadMs = 20_000

/**
 * Shorter stalls alone open no incident, in milliseconds: garbage collections and slow pages are as long, many times a day.
 * A stall that lasts longer holds up users whom the balancer sends there. Two slow answers that end together now and then look
 * like one, so it takes a longer one where only two probes met it.
 */
const openingMs = { ofTwo: 10_000, ofMore: 2000 }

export const opensAlone = ({ lengthMs, probes }: { lengthMs: number; probes: number }): boolean =>
  lengthMs >= (probes > 2 ? openingMs.ofMore : openingMs.ofTwo)

/** `nowMs`: when the sign became known. */
export const opened = (farm: string, { fromMs, toMs }: Sign, nowMs: number): IncidentState => ({
  ...incidentState.empty(),
  id: idOf(farm, fromMs),
  impact: 'hidden',
  openedMs: fromMs,
  lastMs: toMs,
  knownMs: nowMs,
})

/** Farm and time of the first sign, in UTC, without what an address or a shell would not take. */
export const idOf = (farm: string, atMs: number): string =>
  `${farm.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}-${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}`

/** Takes in that the trouble was seen from one moment to another. */
export function extend(incident: IncidentState, { fromMs, toMs }: Sign): void {
  incident.openedMs = Math.min(incident.openedMs, fromMs)
  if (toMs <= incident.lastMs) return
  incident.lastMs = toMs
  for (const node of incident.nodes) {
    node.probes += node.probesSince
    node.probesSince = 0
  }
}

export function factsOf(incident: IncidentState, name: string): NodeFacts {
  let facts = incident.nodes.find(({ node }) => node === name)
  if (facts === undefined) incident.nodes.push((facts = { ...nodeFacts.empty(), node: name }))
  return facts
}

/** It failed, or answered nobody for a while. */
export const isBad = ({ failures, stallMs }: NodeFacts): boolean => failures > 0 || stallMs > 0

/** Both as one time. */
export const joined = (known: Sign | undefined, { fromMs, toMs }: Sign): Sign => ({
  fromMs: Math.min(known?.fromMs ?? fromMs, fromMs),
  toMs: Math.max(known?.toMs ?? toMs, toMs),
})
