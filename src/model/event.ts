/** What happened on a farm, as the monitor reports it: transitions, not levels. */
import type { Cause, Incident } from './incident.ts'
import type { LinkChange } from './link.ts'
import type { Lane, Reason, Subject } from './outcome.ts'
import type { sides, WorkerCause, WorkerEnd } from './workers.ts'

export const recycleEvidence = ['identity', 'cold_start', 'shutdown_notice', 'outage'] as const

/** What shows that a node has a new worker process. */
export type RecycleEvidence = (typeof recycleEvidence)[number]

export const verdicts = ['ok', 'unknown', 'masked', 'node_fault', 'balancer_fault', 'farm_down'] as const

/** The state of a farm as one check sees it; `unknown` where its probes prove nothing. */
export type Verdict = (typeof verdicts)[number]

interface EventBase {
  /** When it happened, wall milliseconds; not when it was detected. */
  readonly atMs: number
  readonly farm: string
  readonly maintenance: boolean
  /** The id of the incident it belongs to. */
  readonly incident?: string
}

export interface Recycle extends EventBase {
  readonly kind: 'recycle'
  readonly target: string
  readonly evidence: RecycleEvidence
  /** 0 to 1: how sure we are. */
  readonly confidence: number
  /** Why it is one, where that has to be concluded: a part of a sentence. */
  readonly because?: string
}

/** For a time a node answered nobody; at least two probes met it. */
interface Stall extends EventBase {
  readonly kind: 'stall'
  readonly target: string
  /** From the start of the first probe that was owed an answer to the first answer, or as far as it was seen, in milliseconds. */
  readonly lengthMs: number
  /** How many probes waited, failed or were given up. */
  readonly probes: number
}

/** The first request that a new worker answered, or the first of ours. */
export interface FirstRequest extends EventBase {
  readonly kind: 'first_request'
  readonly target: string
  readonly check: string
  readonly firstByteMs: number
  readonly reason: Reason
  readonly traceId?: string
  /** Somebody else may have been first: the first request took at least as long. */
  readonly userFirst?: true
}

interface OutageOpened extends EventBase, Subject {
  readonly kind: 'outage_opened'
  readonly reason: Reason
  readonly detail: string
}

export interface OutageClosed extends EventBase, Subject {
  readonly kind: 'outage_closed'
  /** The reason of its first failure. */
  readonly reason: Reason
  /** Milliseconds from its first failure's start to the first success's start. */
  readonly lengthMs: number
  readonly failures: Readonly<Partial<Record<Reason, number>>>
}

interface VerdictChanged extends EventBase {
  readonly kind: 'verdict'
  readonly check: string
  readonly verdict: Verdict
  readonly previous: Verdict
  /** How long the previous verdict held, in milliseconds. */
  readonly heldMs: number
}

/** A balancer's error answer (502, 503 or 504) or time-out, attributed. */
export interface BalancerError extends EventBase {
  readonly kind: 'balancer_error'
  readonly check: string
  readonly id: string
  readonly traceId?: string
  /** Of that probe: bursts and sweeps run in trouble and see more errors than users do. */
  readonly lane: Lane
  readonly status: number
  readonly origin: string
  /** What the answer itself explains, as one sentence without a full stop; absent where none came. */
  readonly tells?: string
  /** The balancer's latency in milliseconds. */
  readonly firstByteMs: number
  /** The node to blame; `balancer` for the balancer itself, `unknown` rather than a guess. */
  readonly node: string
  readonly cause: Cause
  /** Where `node` is unknown: it is one of these, each of which explains the error. */
  readonly suspects?: readonly string[]
}

/** How a node is reached through the balancer has changed. */
export type LinkChanged = EventBase & LinkChange

/** Several nodes recycled in turn, close together. */
interface Deploy extends EventBase {
  readonly kind: 'deploy'
  readonly targets: readonly string[]
}

export const habits = ['period', 'clock', 'idle', 'together'] as const

/** A regularity of a node's recycles, with its likely cause in plain words. */
export interface Habit extends EventBase {
  readonly kind: 'habit'
  readonly target: string
  readonly habit: (typeof habits)[number]
  readonly sentence: string
}

export const identityFindings = ['constant', 'shared', 'churning', 'returning', 'found'] as const

/** Why what should identify workers does not; or `found`, what does. */
export type IdentityFinding = (typeof identityFindings)[number]

interface IdentityFound extends EventBase {
  readonly kind: 'identity'
  /** The node on which it was noticed first. */
  readonly target: string
  readonly check: string
  readonly finding: IdentityFinding
  /** The node that shows the same token. */
  readonly other?: string
  /** Where the identity was found, such as `header X-Boot`. */
  readonly source?: string
}

interface MaintenanceChanged extends EventBase {
  readonly kind: 'maintenance'
  readonly active: boolean
}

export const lateNews = ['reason', 'outside'] as const

/** A recycle as seen from outside and inside, one of which may have missed it. */
export interface Crosschecked extends EventBase {
  readonly kind: 'crosscheck'
  readonly target: string
  readonly seen: (typeof sides)[number]
  /** It was told before, and only now WAS says why the worker ended, or it shows from outside as well. */
  readonly late?: (typeof lateNews)[number]
  readonly outside?: {
    readonly atMs: number
    readonly evidence: RecycleEvidence
    readonly confidence: number
  }
  /** What was seen inside: between two readings, or at the moment that WAS wrote. */
  readonly inside?: {
    readonly fromMs: number
    readonly toMs: number
    readonly cause: WorkerCause
    /** New worker processes, of all pools of the site. */
    readonly workers: number
    readonly pools: readonly string[]
    readonly was?: WorkerEnd
  }
}

/** A node's windows_exporter cannot be read any longer, or can be read again. */
export interface ExporterChanged extends EventBase {
  readonly kind: 'exporter'
  readonly target: string
  readonly up: boolean
  /** Why it cannot be read, in one sentence; empty when it can. */
  readonly detail: string
}

/** A trouble has begun; or a hidden one has reached users, and is told again with that impact. */
interface IncidentOpened extends EventBase {
  readonly kind: 'incident_opened'
  readonly incident: string
  /** As it is known at this moment. */
  readonly snapshot: Incident
}

/** A trouble is over; or more has become known of one that is, and `snapshot.amended` says what. */
interface IncidentClosed extends EventBase {
  readonly kind: 'incident_closed'
  readonly incident: string
  readonly snapshot: Incident
}

export type IncidentEvent = IncidentOpened | IncidentClosed

export type FarmEvent =
  | Recycle
  | Stall
  | FirstRequest
  | OutageOpened
  | OutageClosed
  | VerdictChanged
  | BalancerError
  | LinkChanged
  | Deploy
  | Habit
  | IdentityFound
  | MaintenanceChanged
  | Crosschecked
  | ExporterChanged
  | IncidentOpened
  | IncidentClosed

const everyKind: Record<FarmEvent['kind'], true> = {
  recycle: true,
  stall: true,
  first_request: true,
  outage_opened: true,
  outage_closed: true,
  verdict: true,
  balancer_error: true,
  link: true,
  deploy: true,
  habit: true,
  identity: true,
  maintenance: true,
  crosscheck: true,
  exporter: true,
  incident_opened: true,
  incident_closed: true,
}

/** Every kind of event; one that is missing here does not compile. */
export const eventKinds = Object.keys(everyKind) as readonly FarmEvent['kind'][]
