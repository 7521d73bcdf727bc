/**
 * Records what the probes really met, to distinguish what no observer could have seen from what was overlooked. It knows
 * the truth and sees every probe when it is made; the detectors know nothing of it.
 */
import type { Verdict } from '../../../src/model/event.ts'
import { endedMs, isSuspect, type Outcome } from '../../../src/model/outcome.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import type { FirstRequestTruth, OutageTruth, TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import { createSlotVerdicts } from './slot_verdicts.ts'
import { createWarmTimes, type WarmTimes } from './warm_times.ts'

/** A wait for a cold worker, or a cold path, as the probes met it. */
export interface ColdWait {
  readonly truth: FirstRequestTruth
  readonly endMs: number
  /** The longest that a probe of that node waited for the same moment, in milliseconds; 0 when none waited. */
  longestMs: number
  /** What the probe that was the first request measured: its first byte, or its whole length when none came. */
  measured?: { readonly check: string; readonly ms: number }
}

/** An outage as the probes met it. */
export interface MetOutage {
  readonly truth: OutageTruth
  /** When the first probe that failed because of it started, wall milliseconds; absent when none did. */
  firstMs?: number
}

export interface ProbeRecord {
  /** Tokens of the workers that answered a probe. */
  readonly tokens: ReadonlySet<string>
  readonly coldWaits: readonly ColdWait[]
  readonly outages: readonly MetOutage[]
  /** Balancer probes whose failure may be the prober's own fault. */
  readonly ownFault: ReadonlySet<string>
  readonly warmTimes: WarmTimes
  /** Milliseconds in each verdict, by what each tick met. */
  readonly verdictMs: Readonly<Record<Verdict, number>>
}

export interface ProbeRecorder {
  /** To be called with each probe's outcome as soon as the farm has produced it. */
  note(outcome: Outcome): void
  until(endMs: number): ProbeRecord
}

/** Failures kept for outages that are logged only after a probe under way has failed because of them. */
const remembered = 24

/** A recorder for one farm; `truth` is its log, which grows. */
export function createProbeRecorder(scenario: Scenario, truth: readonly TruthEvent[]): ProbeRecorder {
  const tokens = new Set<string>()
  const ownFault = new Set<string>()
  const coldWaits: ColdWait[] = []
  const outages: MetOutage[] = []
  const warmTimes = createWarmTimes()
  const slotVerdicts = createSlotVerdicts(scenario.balancer.timeoutMs)
  const appOf = appFinder(scenario)
  const paths = new Map(scenario.checks.map(({ name, path }) => [name, path]))
  let failures: Outcome[] = []
  let waiting: ColdWait[] = []
  let running: MetOutage[] = []
  let read = 0

  const readTruth = (outcome: Outcome) => {
    for (; read < truth.length; read++) {
      const event = truth[read] as TruthEvent
      if (event.kind === 'first_request') expect(event, outcome)
      else if (event.kind === 'outage') {
        const met: MetOutage = { truth: event }
        for (const failure of failures) meetOutage(met, failure)
        outages.push(met)
        running.push(met)
      }
    }
  }
  const expect = (event: FirstRequestTruth, { check, firstByteMs, totalMs }: Outcome) => {
    const wait: ColdWait = { truth: event, endMs: event.atMs + event.ms, longestMs: 0 }
    if (event.from === 'probe') wait.measured = { check, ms: firstByteMs ?? totalMs }
    coldWaits.push(wait)
    waiting.push(wait)
  }

  return {
    note(outcome) {
      const { startedMs, target, check, identity, reason, lane } = outcome
      const suspect = isSuspect(outcome)
      readTruth(outcome)
      if (identity !== undefined) tokens.add(identity)
      if (waiting.length > 0) waiting = waiting.filter(({ endMs }) => endMs > startedMs)
      if (running.length > 0) running = running.filter(({ truth: { toMs } }) => toMs > startedMs)
      const app = appOf(target, paths.get(check) ?? '/')
      const waits = waiting.filter(({ truth: { node, app: of } }) => node === target && of === app)
      if (!suspect)
        for (const wait of waits)
          wait.longestMs = Math.max(wait.longestMs, Math.min(wait.endMs - startedMs, outcome.totalMs))
      if (reason === 'ok') {
        if ((lane === 'tick' || lane === 'canary') && !suspect && waits.length === 0)
          warmTimes.add(target, check, outcome)
      } else {
        if (suspect && outcome.status === 0) ownFault.add(outcome.id)
        failures = [...failures.slice(1 - remembered), outcome]
        for (const met of running) meetOutage(met, outcome)
      }
      if (lane === 'tick') slotVerdicts.note(outcome)
    },
    until: (endMs) => ({
      tokens,
      coldWaits,
      outages,
      ownFault,
      warmTimes,
      verdictMs: slotVerdicts.until(endMs),
    }),
  }
}

function meetOutage(met: MetOutage, outcome: Outcome): void {
  const { target, atMs, toMs } = met.truth
  if (outcome.target !== target || isSuspect(outcome)) return
  if (outcome.startedMs >= toMs || endedMs(outcome) < atMs) return
  met.firstMs = Math.min(met.firstMs ?? outcome.startedMs, outcome.startedMs)
}

/** The path of the application that a node's requests for a path go to; the balancer's go nowhere. */
function appFinder({ nodes }: Scenario): (node: string, path: string) => string | undefined {
  const apps = new Map(nodes.map((node) => [node.name, node.apps.map(({ path }) => path)]))
  return (node, path) => {
    const paths = apps.get(node)
    return paths?.find((app) => path.startsWith(app)) ?? paths?.at(-1)
  }
}
