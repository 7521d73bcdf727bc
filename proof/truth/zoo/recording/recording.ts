/** A recorded farm: its configuration, all outcomes in the order in which they were posted, and what really happened. */
import type { FarmEvent } from '../../../../src/model/event.ts'
import type { Outcome } from '../../../../src/model/outcome.ts'
import type { Window } from '../../scores/windows.ts'
import type { FarmLogs } from '../run/run_farm.ts'
import type { FarmTruth, ProbeLog } from '../truth/farm_truth.ts'
import type { ZooTruth } from '../truth/vocabulary.ts'

/** A probe's outcome as it was posted, and the logs about that probe. */
export interface RecordedProbe {
  readonly outcome: Outcome
  /** When the main thread received it, wall milliseconds. */
  readonly postedMs: number
  readonly log: ProbeLog
}

export interface FarmName {
  readonly kind: string
  readonly intervalMs: number
  /** Whether the application shows which worker answered; see `withoutIdentity`. */
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

/** The kept length of error pages and header values: enough to tell the product. */
const keptText = 200

/**
 * Makes a recording of a run. Probes get numbers as ids, because unique ids do not compress, and error pages are cut.
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
    // The logs end with the run.
    probes: logs.outcomes
      .filter(({ postedMs }) => postedMs <= endMs)
      .map(({ outcome, postedMs }) => ({
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

/** The live events of a run, with the ids of its recording. */
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
