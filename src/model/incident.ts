/** One trouble of one farm from its first to its last sign, as it is told: with a culprit, a cause and a cure. */

/** `users`: the balancer failed. `hidden`: nodes failed or stalled, and no probe at the balancer did. */
export const impacts = ['users', 'hidden'] as const

export type Impact = (typeof impacts)[number]

export const causes = [
  'recycle',
  'cold_start',
  'node_down',
  'timeout',
  'balancer',
  'link',
  'stale_connection',
  'overload',
  'unknown',
] as const

/** Why a node failed, or the balancer answered an error in its place. */
export type Cause = (typeof causes)[number]

/** Stands for a node where the evidence has more than one. */
export const severalNodes = 'several'

export const weights = ['strong', 'fair', 'weak', 'against'] as const

/** One thing that was seen, and how much it says about the culprit: `strong` is enough alone, `fair` with another. */
interface Ground {
  readonly weight: (typeof weights)[number]
  /** Without a full stop. */
  readonly sentence: string
}

/** What one node, the balancer or `unknown` had to do with it, by one cause. */
interface IncidentPart {
  readonly node: string
  readonly cause: Cause
  /** Errors of the balancer that are attributed to it. */
  readonly errors: number
  /** Failed probes at the node itself. */
  readonly failures: number
}

export interface Incident {
  /** Such as `intranet-20261201-030218`: farm and time of the first sign, UTC. It stays the same, also when an earlier sign turns up. */
  readonly id: string
  readonly farm: string
  readonly impact: Impact
  /** When the first sign was sent, wall milliseconds. */
  readonly openedMs: number
  /** When the last sign ended; null while it goes on. */
  readonly closedMs: number | null
  /** It began in a maintenance window. */
  readonly maintenance: boolean
  /** Those that saw it. */
  readonly checks: readonly string[]
  /** Failed probes at the balancer, of every lane, by status code; those that got no error code, by reason. */
  readonly errors: Readonly<Record<string, number>>
  /** From when the first failed probe at the balancer was sent to when the last one ended; null when none failed. */
  readonly usersMs: { readonly fromMs: number; readonly toMs: number } | null
  /** Scheduled probes at the balancer, sent from the first of them that failed to the last that did. */
  readonly probes: number
  /** How many of these failed. */
  readonly failed: number
  /** `failed` of `probes`; 0 when no scheduled probe failed. */
  readonly failedShare: number
  /** Those with the most errors first. */
  readonly nodes: readonly IncidentPart[]
  /** The culprit: a node, `balancer`, `several` or `unknown`. */
  readonly node: string
  readonly cause: Cause
  /** 0 to 1: how sure it is that this was the culprit. */
  readonly confidence: number
  /** Why it is the culprit: the strongest first, what speaks against it last. */
  readonly why: readonly Ground[]
  /** One sentence for a manager. */
  readonly summary: string
  /** What to set or to look into first, and the runbook that tells the rest. */
  readonly cure: string
  /** The name of the runbook, a file in `docs/runbooks/` without its extension. */
  readonly runbook: string
  /** What became known after it was closed, one sentence each. */
  readonly amended: readonly string[]
}
