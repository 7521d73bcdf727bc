/** A recording of a farm with one node, web01: a tick of 10 ms every second, and the probes of a test instead. */
import type { RecordedProbe, Recording } from '../../../../proof/truth/zoo/recording/recording.ts'
import type { ProbeLog } from '../../../../proof/truth/zoo/truth/farm_truth.ts'
import type {
  LoggedFirstRequest,
  NodeStallTruth,
  WorkerTruth,
} from '../../../../proof/truth/zoo/truth/vocabulary.ts'
import type { Outcome } from '../../../../src/model/outcome.ts'
import { sampleOutcome } from '../../../support/farms/sample_farm.ts'

/** Its start; times in tests are milliseconds since then. */
export const startMs = 1_800_000_000_000

const lastsMs = 120_000

/** A probe that started at `atMs` and took `tookMs`. */
export function probe(
  atMs: number,
  tookMs: number,
  changes: Partial<Outcome> = {},
  log: ProbeLog = {},
): RecordedProbe {
  const outcome = sampleOutcome({
    farm: 'sample',
    startedMs: startMs + atMs,
    slotMs: startMs + atMs,
    phaseMs: { connect: 0, request: 0, wait: tookMs, transfer: 0 },
    firstByteMs: tookMs,
    totalMs: tookMs,
    ...changes,
  })
  const node = outcome.role === 'node' ? { node: outcome.target } : {}
  return { outcome, postedMs: startMs + atMs + tookMs, log: { ...node, ...log } }
}

/** A probe that failed without an answer. */
export const failed = (atMs: number, tookMs: number, reason: Outcome['reason']): RecordedProbe => {
  const { firstByteMs: _, ...outcome } = sampleOutcome({ reason, status: 0 })
  const made = probe(atMs, tookMs, { reason, status: 0 })
  const { firstByteMs: __, ...rest } = made.outcome
  return { ...made, outcome: { ...outcome, ...rest } }
}

/** `probes` replace the ticks during their time. */
export function recording(
  changes: Partial<Recording> = {},
  probes: readonly RecordedProbe[] = [],
): Recording {
  const taken = probes.map(({ outcome, postedMs }) => ({ fromMs: outcome.startedMs, toMs: postedMs }))
  const ticks = Array.from({ length: lastsMs / 1000 }, (_, second) => probe(second * 1000, 10)).filter(
    ({ outcome }) =>
      !taken.some(({ fromMs, toMs }) => outcome.startedMs >= fromMs && outcome.startedMs <= toMs),
  )
  return {
    kind: 'sample',
    intervalMs: 1000,
    identity: false,
    seed: 1,
    config: {
      farms: [
        {
          name: 'sample',
          url: 'http://sample.test',
          address: '127.0.0.1:80',
          nodes: [{ name: 'web01', address: '127.0.0.2:80' }],
          checks: [{ name: 'home', path: '/', interval: '1s' }],
        },
      ],
    },
    startMs,
    endMs: startMs + lastsMs,
    scored: { fromMs: startMs + 30_000, toMs: startMs + 100_000 },
    truth: [],
    probes: [...ticks, ...probes]
      .sort((a, b) => a.postedMs - b.postedMs)
      .map((each, index) => ({ ...each, outcome: { ...each.outcome, id: `p${index}` } })),
    ...changes,
  }
}

/** A worker of web01 that started at 60 s, 100 ms after the end of the old one, and was ready 2 s later. */
export function worker(changes: Partial<WorkerTruth> = {}): WorkerTruth {
  return {
    kind: 'recycle',
    node: 'web01',
    app: '/',
    cause: 'requests',
    lastMs: startMs + 59_900,
    atMs: startMs + 60_000,
    servesMs: startMs + 62_000,
    warmMs: startMs + 62_010,
    drainedMs: startMs + 62_010,
    coldMs: 10,
    worker: 0,
    of: 1,
    token: 'new',
    overlapped: false,
    preloaded: false,
    grown: false,
    ...changes,
  }
}

/** The stall of that start. */
export function stall(changes: Partial<NodeStallTruth> = {}): NodeStallTruth {
  return {
    kind: 'node_stall',
    node: 'web01',
    cause: 'start',
    atMs: startMs + 59_900,
    toMs: startMs + 62_010,
    busyWith: [],
    ...changes,
  }
}

/** The request that waited for that worker since 60.5 s. */
export function firstRequest(changes: Partial<LoggedFirstRequest> = {}): LoggedFirstRequest {
  return {
    kind: 'first_request',
    node: 'web01',
    app: '/',
    path: '/',
    of: 'worker',
    from: 'probe',
    id: '',
    token: 'new',
    atMs: startMs + 60_500,
    ms: 1510,
    ...changes,
  }
}
