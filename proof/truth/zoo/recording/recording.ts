/** A farm as it was watched: what its probes yielded, in order, what really happened, and how it was configured. */
import type { FarmEvent } from '../../../../src/model/event.ts'
import type { Outcome } from '../../../../src/model/outcome.ts'
import type { Window } from '../../pairing.ts'
import type { FarmLogs } from '../run/run_farm.ts'
import type { FarmTruth, ProbeLog } from '../truth/farm_truth.ts'
import type { ZooTruth } from '../truth/vocabulary.ts'

/** One probe as it was posted, and what the logs say of it. */
export interface RecordedProbe {
  readonly outcome: Outcome
  /** When the main thread had it, wall milliseconds. */
  readonly postedMs: number
  readonly log: ProbeLog
}

/** Which farm it is. */
export interface FarmName {
  readonly kind: string
  readonly intervalMs: number
  /** Whether the application shows which worker answered. */
  readonly identity: boolean
  readonly seed: number
}

export interface Recording extends FarmName {
  /** farmprobe's configuration, as a user would write it. */
  readonly config: object
  readonly startMs: number
  readonly endMs: number
  /** The time that is scored. */
  readonly scored: Window
  readonly truth: readonly ZooTruth[]
  /** In the order in which they were posted. */
  readonly probes: readonly RecordedProbe[]
}

/** `gunicorn-1s-identity` */
export const nameOf = ({ kind, intervalMs, identity }: Omit<FarmName, 'seed'>): string =>
  `${kind}-${intervalMs / 1000}s-${identity ? 'identity' : 'without'}`

/** So many characters of an error page and of a header tell whose it is. */
const keptText = 200

/**
 * A run as a recording. Probes are numbered instead of having unique ids, which do not compress, and of error pages only
 * the beginning is kept.
 */
export function recordingOf(name: FarmName, logs: FarmLogs, { truth, probes }: FarmTruth): Recording {
  const numbered = numbering(logs)
  const { config, startMs, endMs, scored } = logs
  return {
    ...name,
    config,
    startMs,
    endMs,
    scored,
    truth: truth.map((event) => withIds(event, numbered)),
    probes: logs.outcomes.map(({ outcome, postedMs }) => ({
      outcome: shortened({ ...outcome, id: numbered(outcome.id) }),
      postedMs,
      log: probes.get(outcome.id) ?? {},
    })),
  }
}

function withIds(event: ZooTruth, numbered: (id: string) => string): ZooTruth {
  if (event.kind === 'node_stall') return { ...event, busyWith: event.busyWith.map(numbered) }
  return 'id' in event ? { ...event, id: numbered(event.id) } : event
}

function shortened(outcome: Outcome): Outcome {
  const { evidence } = outcome
  if (evidence === undefined) return outcome
  const headers = evidence.headers
    .filter(([name]) => name.toLowerCase() !== 'date')
    .map(([name, value]) => [name, value.slice(0, keptText)] as const)
  return { ...outcome, evidence: { ...evidence, headers, bodyStart: evidence.bodyStart.slice(0, keptText) } }
}

/** What was told live, by the numbers that probes have in the recording. */
export function renumbered(logs: FarmLogs): FarmEvent[] {
  const numbered = numbering(logs)
  return logs.events.map((event) =>
    event.kind === 'balancer_error' ? { ...event, id: numbered(event.id) } : event,
  )
}

function numbering({ outcomes }: FarmLogs): (id: string) => string {
  const numbers = new Map(outcomes.map(({ outcome: { id } }, index) => [id, `p${index}`]))
  return (id) => numbers.get(id) ?? id
}
