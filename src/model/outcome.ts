/** One probe: what orders it, and what it yielded, as data: a failing target is never an exception. */
import type { Check, Farm, Role, Target } from './farm.ts'

export const reasons = [
  'ok',
  'dns',
  'refused',
  'unreachable',
  'connect_timeout',
  'tls',
  'reset',
  'closed',
  'protocol',
  'first_byte_timeout',
  'body_timeout',
  'truncated',
  'too_large',
  'status',
  'auth',
  'header',
  'body',
  'warming',
  'slow',
  'redirect',
  'internal',
] as const

/** Why a probe failed, or `ok`; the set is closed. */
export type Reason = (typeof reasons)[number]

export const phases = ['resolve', 'connect', 'tls', 'request', 'wait', 'transfer'] as const

export type Phase = (typeof phases)[number]

export const lanes = ['tick', 'burst', 'sweep', 'canary'] as const

/** Why a probe ran. */
export type Lane = (typeof lanes)[number]

/** Bursts and sweeps run in trouble: only scheduled probes say how a target is in general. */
export const isScheduled = (lane: Lane): boolean => lane === 'tick' || lane === 'canary'

/** The value of the `code` label: a closed set, so that the first 502 meets a series that already exists. */
export const codeClasses = ['2xx', '3xx', '4xx', '500', '502', '503', '504', '5xx'] as const

export type CodeClass = (typeof codeClasses)[number]

/** The class of a status code; 1xx and codes outside 100-599 are no answers and have none. */
export function codeClass(status: number): CodeClass | undefined {
  if (status === 500 || status === 502 || status === 503 || status === 504) return `${status}`
  if (status >= 200 && status < 300) return '2xx'
  if (status >= 300 && status < 400) return '3xx'
  if (status >= 400 && status < 500) return '4xx'
  if (status >= 500 && status < 600) return '5xx'
  return undefined
}

/** Names the series an outcome belongs to. */
export interface Subject {
  readonly farm: string
  readonly role: Role
  readonly target: string
  readonly check: string
}

export const targetKey = ({ farm, role, target }: Omit<Subject, 'check'>): string =>
  `${farm}\n${role}\n${target}`

/** One target under one check, within its farm, as one key. */
export const seriesKey = (target: string, check: string): string => `${target}\n${check}`

export const subjectKey = ({ farm, role, target, check }: Subject): string =>
  `${farm}\n${role}\n${target}\n${check}`

/** What an answer said, kept for answers that need explaining: capped, unescaped, from a possibly hostile peer. */
export interface Evidence {
  readonly statusText: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The first bytes of the body, decoded as UTF-8. */
  readonly bodyStart: string
}

export interface Outcome extends Subject {
  /** The value of this probe's X-Farmprobe-Id header. */
  readonly id: string
  /** The id of the trace that its request begins, in lower-case hexadecimal; absent where the check sends none of ours. */
  readonly traceId?: string
  readonly lane: Lane
  /** When the probe was due, in wall milliseconds. */
  readonly slotMs: number
  /** When it started: wall milliseconds, `slotMs` plus the lag. */
  readonly startedMs: number
  /** How late it started, in milliseconds. */
  readonly lagMs: number
  /** How late our own event loop can have made it, in milliseconds at most: the target may have been so much quicker. */
  readonly latenessMs: number
  readonly reason: Reason
  /** One sentence that explains the reason to a person; empty when ok. Holds no secret. */
  readonly detail: string
  /** Of a failure that is nothing but a limit exceeded, where the reason may be something else: that limit, in milliseconds. */
  readonly limitMs?: number
  /** The peer broke off the connection, where the reason may be something else. */
  readonly brokenOff?: true
  /** What is wrong in an answer that users get all the same, and balancers may take or not: one sentence. Holds no secret. */
  readonly remark?: string
  /** The final status code; 0 when no status line came. */
  readonly status: number
  /** Milliseconds per phase; a phase never reached is absent, the one running at a failure is charged. */
  readonly phaseMs: Readonly<Partial<Record<Phase, number>>>
  /** What the handshake of an authentication took before the request that was answered, in milliseconds; no phase has it. */
  readonly authMs?: number
  /** Request sent to first byte of the final status line, in milliseconds; absent when none came. */
  readonly firstByteMs?: number
  /** The whole probe in milliseconds, also when it failed. */
  readonly totalMs: number
  /** The address that was tried, `ip:port`; empty when none was found. */
  readonly address: string
  /** Body bytes on the wire. */
  readonly bodyBytes: number
  /** The identity token of the worker process, when configured and present. */
  readonly identity?: string
  /** What may be an identity, by its source as text, where it is to be found: few, and short. */
  readonly candidates?: Readonly<Record<string, string>>
  /** What the balancer's answer said of the node it came from, when configured and present. */
  readonly servedBy?: string
  /** Of a probe through the balancer: the node that answered in place of the one whose cookie was sent. */
  readonly elsewhere?: string
  /** Who generated an error answer: a row of the origin table; on 502, 503 and 504 `unknown` when it fits none. */
  readonly origin?: string
  /** The explanation of the error answer, as one sentence without a full stop; present where `origin` is. Holds no secret. */
  readonly tells?: string
  /** The earliest expiry of the certificates presented that are in use, wall milliseconds; also when they are refused. */
  readonly notAfterMs?: number
  /** Present when the probe failed after an answer began. */
  readonly evidence?: Evidence
}

/** When the probe ended, in wall milliseconds. */
export const endedMs = ({ startedMs, totalMs }: Pick<Outcome, 'startedMs' | 'totalMs'>): number =>
  startedMs + totalMs

/** What an outcome proves about its target. `nothing`: it may be our own fault, and is held against nobody. */
export type Proof = 'ok' | 'failure' | 'nothing'

/** Times that are off by less than this, in milliseconds and as a share, are as good as exact. */
const exact = { ms: 20, share: 0.1 }
/** A peer that waits for us breaks off no sooner, in milliseconds. */
const patienceMs = 1000

/** Reasons that may be a fault of farmprobe or of its configuration, and prove nothing of the target. */
export const ours: ReadonlySet<Reason> = new Set<Reason>(['auth', 'internal'])

const timeouts: ReadonlySet<Reason> = new Set(['connect_timeout', 'first_byte_timeout', 'body_timeout'])
const breaks: ReadonlySet<Reason> = new Set(['reset', 'closed', 'truncated'])

/** Whether our own event loop may have changed the times by so much that they say little about the target. */
export const isSuspect = ({ latenessMs, totalMs }: Pick<Outcome, 'latenessMs' | 'totalMs'>): boolean =>
  latenessMs >= Math.max(exact.ms, exact.share * totalMs)

/**
 * An answer is proof, however late we read it: a 502 is a 502, a refused certificate is refused. A limit counts when it
 * was exceeded without our own lateness, a time-out when next to all of it was left to the target; a broken connection
 * unless the peer may have waited too long for us. An internal error never is, nor is a demand for other credentials than
 * the check has: the target answers, and its users have their own.
 */
export function proofOf(outcome: Outcome): Proof {
  const { reason } = outcome
  if (reason === 'ok') return 'ok'
  return ours.has(reason) || mayBeLateness(outcome) ? 'nothing' : 'failure'
}

function mayBeLateness(outcome: Outcome): boolean {
  const { reason, latenessMs, totalMs, limitMs, brokenOff = breaks.has(reason) } = outcome
  if (reason === 'slow') return totalMs - latenessMs < (limitMs ?? totalMs)
  if (limitMs !== undefined || timeouts.has(reason)) return isSuspect(outcome)
  return brokenOff && latenessMs >= patienceMs
}

/** One probe to be made: what the schedule hands to the probe. */
export interface Order {
  readonly farm: Farm
  readonly check: Check
  readonly target: Target
  readonly lane: Lane
  /** When it was due, in wall milliseconds. */
  readonly slotMs: number
  /** How late it is handed over, in milliseconds, measured on the monotonic clock. */
  readonly lagMs: number
}

/**
 * Runs what is done at one go with the answers of a probe: how long that takes depends on what the target sent. It may take
 * `budgetMs` of processor time, or what any answer may when that is not given.
 */
export type Judging = <T>(order: Order, work: () => T, budgetMs?: number) => T

/**
 * Makes one probe. Never rejects because of the target: whatever the target does becomes an outcome. `latenessMs`
 * is 0 in what it returns; the schedule, which watches the event loop, knows better.
 */
export type Probe = (order: Order, signal: AbortSignal) => Promise<Outcome>
