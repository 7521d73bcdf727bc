/** The incidents that the logs show, in the words of those that farmprobe sees itself, and what each rests on. */
import {
  type IncidentState,
  idOf,
  incidentState,
  joined,
  type Sign,
} from '../../detect/incident/incident_state.ts'
import { snapshotOf } from '../../detect/incident/snapshot_of.ts'
import type { Incident } from '../../model/incident.ts'
import { greatest } from '../../runtime/extremes.ts'
import { readable } from '../logs/log_lines.ts'
import { type Blame, blameAll, nodesAnswered } from './blame.ts'
import { cureOf } from './cures_by_how.ts'
import type { Failure, How } from './failed_request.ts'
import { type Evidence, sentBetween } from './log_evidence.ts'
import { type Proof, proofsOf } from './proofs.ts'

/** What farmprobe's own journal has of the time of an incident. */
export interface SeenByFarmprobe {
  readonly incidents: readonly Pick<Incident, 'id' | 'node' | 'cause' | 'summary'>[]
  /** These in sentences, or why there are none. */
  readonly said: readonly string[]
}

export interface FoundIncident extends Omit<Incident, 'why' | 'amended' | 'maintenance' | 'closedMs'> {
  readonly closedMs: number
  /** How most of its requests failed. */
  readonly how: How
  /** The requests that failed, by status, sub-status and Windows' code. */
  readonly codes: Readonly<Record<string, number>>
  /** What it is concluded from, the strongest first. */
  readonly why: readonly Proof[]
  /** Absent where no journal was given. */
  readonly farmprobe?: SeenByFarmprobe
}

/** What follows within this time of a failure is a part of the same trouble, as `incidents.quiet` has it. */
const quietMs = 60_000
/** Stands in sentences for a node that no log names. */
const someNode = 'a node'
const mostStems = 5

export function incidentsOf(evidence: Evidence): FoundIncident[] {
  return groupsOf(evidence.failures).map((failures) => incidentOf(failures, evidence))
}

function groupsOf(failures: readonly Failure[]): Failure[][] {
  const groups: Failure[][] = []
  let lastMs = Number.NEGATIVE_INFINITY
  for (const failure of failures.toSorted((a, b) => a.startMs - b.startMs)) {
    if (failure.startMs > lastMs + quietMs) groups.push([])
    groups.at(-1)?.push(failure)
    lastMs = Math.max(lastMs, failure.endMs)
  }
  return groups
}

function incidentOf(failures: readonly Failure[], evidence: Evidence): FoundIncident {
  const blames = blameAll(failures, evidence)
  const state = stateOf(failures, blames, evidence)
  const how = mostOf(failures, (each) => each.how)
  const farm = {
    name: evidence.farm,
    nodes: evidence.nodes.map(({ node }) => node),
    asksBalancer: true,
    inMaintenance: () => false,
  }
  const { why: _why, amended: _amended, maintenance: _maintenance, ...told } = snapshotOf(state, farm)
  const node = told.node === someNode ? 'unknown' : told.node
  const own = blames.filter((each) => (each.node ?? 'unknown') === node || node === 'several')
  return {
    ...told,
    ...cureOf(how, told),
    node,
    nodes: told.nodes.map((part) => ({ ...part, node: part.node === someNode ? 'unknown' : part.node })),
    closedMs: state.lastMs,
    summary: how === 'none_healthy' ? withoutHealthy(told.summary, state, evidence) : told.summary,
    confidence: Number((told.confidence * sureness(own)).toFixed(2)),
    how,
    codes: countsBy(failures, ({ code }) => code),
    why: proofsOf(own.length > 0 ? own : blames, evidence),
  }
}

/** How sure the cause is: what a second log confirms is nearly certain. */
function sureness(blames: readonly Blame[]): number {
  if (blames.some(({ event, httpError }) => event !== undefined || httpError !== undefined)) return 1
  if (blames.some(({ stall, failure }) => stall !== undefined || failure.seen.length > 0)) return 0.9
  return blames.some(({ cause }) => cause === 'stale_connection' || cause === 'cold_start') ? 0.7 : 0.85
}

/** The same record that the live detectors keep, so that the same sentences follow. */
function stateOf(failures: readonly Failure[], blames: readonly Blame[], evidence: Evidence): IncidentState {
  const [first] = failures as [Failure]
  const sign = failures.reduce<Sign>(
    (span, { startMs, endMs }) => joined(span, { fromMs: startMs, toMs: endMs }),
    { fromMs: first.startMs, toMs: first.endMs },
  )
  const failed = failures.reduce((sum, { count }) => sum + count, 0)
  const lastSentMs = greatest(failures.map(({ startMs }) => startMs))
  const sent = sentBetween(evidence, sign.fromMs, lastSentMs)
  const [one] = blames
  const allDown =
    one?.failure.how === 'none_healthy' && one.cause === 'node_down' && evidence.nodes.length > 1
  const nameOf = ({ node, failure }: Blame) =>
    node ?? (allDown && failure.how === 'none_healthy' ? 'unknown' : someNode)
  const byBlame = Map.groupBy(blames, (blame) => `${blame.cause} ${nameOf(blame)}`)
  return {
    ...incidentState.empty(),
    id: idOf(evidence.farm, sign.fromMs),
    impact: 'users',
    openedMs: sign.fromMs,
    lastMs: sign.toMs,
    users: sign,
    checks: [...new Set(failures.map(({ stem }) => readable(stem)))].slice(0, mostStems),
    errors: countsBy(failures, ({ code }) => code.slice(0, 3)),
    share: { ...incidentState.empty().share, failed, good: Math.max(0, sent - failed) },
    allDown,
    nodes: [...Map.groupBy(blames, nameOf)].map(([node, own]) => ({
      node,
      probes: 0,
      probesSince: 0,
      failures: 0,
      how: howWord(own),
      stallMs: greatest([
        0,
        ...own.map(({ stall }) => (stall === undefined ? 0 : stall.toMs - stall.fromMs)),
      ]),
      firstRequestMs: 0,
    })),
    blames: [...byBlame.values()].map((own) => ({
      node: nameOf(own[0] as Blame),
      cause: own[0]?.cause ?? 'unknown',
      errors: own.reduce((sum, { failure }) => sum + failure.count, 0),
      suspects: undefined,
    })),
  }
}

/** As the live sentences have it: a reason, or the status that a node answered. */
const reasons: Readonly<Partial<Record<How, string>>> = {
  refused: 'refused',
  died: 'closed',
  cut_off: 'truncated',
  tls: 'tls',
  unresolved: 'dns',
  timed_out: 'first_byte_timeout',
}

function howWord(blames: readonly Blame[]): string {
  const failures = blames.map(({ failure }) => failure)
  return mostOf(failures, ({ how, code }) => reasons[how] ?? code.slice(0, 3))
}

function withoutHealthy(summary: string, { openedMs, lastMs }: IncidentState, evidence: Evidence): string {
  const said = {
    some: 'the balancer had no healthy node left, though nodes answered',
    none: 'the balancer had no healthy node left, and no node answered',
    unknown: 'the balancer had no healthy node left',
  }
  return summary.replace(
    /\)(:|, probably because) .*$/,
    `): ${said[nodesAnswered({ fromMs: openedMs, toMs: lastMs }, evidence)]}.`,
  )
}

function countsBy(failures: readonly Failure[], of: (failure: Failure) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const each of failures) counts[of(each)] = (counts[of(each)] ?? 0) + each.count
  return counts
}

function mostOf<Word extends string>(failures: readonly Failure[], of: (failure: Failure) => Word): Word {
  const counts = Object.entries(countsBy(failures, of)).sort(([, a], [, b]) => b - a)
  return counts[0]?.[0] as Word
}
