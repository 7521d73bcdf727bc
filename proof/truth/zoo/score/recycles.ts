/**
 * How well recycles were found. A recycle is due when a probe met it for half a second or failed in it; with identity also
 * when its worker answered a probe. Every reported recycle counts for the precision.
 */
import type { Recycle } from '../../../../src/model/event.ts'
import { endedMs } from '../../../../src/model/outcome.ts'
import { pairUp, type Window } from '../../scores/windows.ts'
import { requestedMs } from '../truth/farm_truth.ts'
import { ofKind, type WorkerTruth } from '../truth/vocabulary.ts'
import {
  type Finding,
  isMet,
  isScored,
  leastMetMs,
  type Met,
  metBy,
  type ScoredFarm,
  startsWithin,
} from './scored_farm.ts'

export interface RecycleScore {
  /** All recycles; workers of a node that were replaced together are one. */
  readonly happened: number
  readonly due: number
  readonly found: number
  /** Of the due ones those of one worker of several, while the others answered. */
  readonly dueOfSeveral: number
  readonly foundOfSeveral: number
  readonly reported: number
  readonly right: number
  /** Of all recycles, what probes met of each, and whether it was found. */
  readonly meetings: readonly { readonly meeting: Meeting; readonly found: boolean }[]
  /** The confidence of each reported recycle, and whether it was right. */
  readonly claims: readonly { readonly confidence: number; readonly right: boolean }[]
  readonly findings: readonly Finding[]
}

/** What farmprobe's own probes met of a recycle: all that can be known of it without identity. */
export const meetings = [
  'several probes waited for the whole node',
  'one probe waited for the whole node',
  'probes failed, none waited',
  'probes waited for one worker of several, while others answered',
  'only probes through the balancer met it',
  'no probe met it for half a second',
] as const

type Meeting = (typeof meetings)[number]

/** Workers of a node that were replaced together. */
interface Group {
  readonly workers: readonly WorkerTruth[]
  /** The node has more workers, which answered meanwhile. */
  readonly ofSeveral: boolean
  readonly met: Met
  /** Probes met enough of it. */
  readonly isMet: boolean
  readonly due: boolean
}

/** The reported time may be this much before the end of the old worker or after the new one was seen. */
const slackMs = 5000
/** Workers that started within this time were replaced together. */
const togetherMs = 1000
/** Requests of a killed worker fail within this time of its end. */
const brokenMs = 300

export function scoreRecycles(farm: ScoredFarm): RecycleScore {
  const { recording, events } = farm
  const all = ofKind(recording.truth, 'recycle')
  const reported = events.filter((event) => event.kind === 'recycle')
  const groups = grouped(all).map((workers) => judge(farm, workers))
  const pairs = pairAll(farm, all, groups, reported)
  const counted = reported.filter(({ atMs }) => isScored(farm, atMs))
  const wrong = counted.filter((each) => !pairs.has(each))
  const matched = new Set(pairs.values())
  const own = groups.filter(({ workers }) => isScored(farm, workers[0]?.atMs ?? 0))
  const due = own.filter((group) => group.due)
  const found = due.filter(({ workers }) => workers.some((worker) => matched.has(worker)))
  const missed = due.filter((group) => !found.includes(group))
  return {
    happened: own.length,
    due: due.length,
    found: found.length,
    dueOfSeveral: due.filter(({ ofSeveral }) => ofSeveral).length,
    foundOfSeveral: found.filter(({ ofSeveral }) => ofSeveral).length,
    reported: counted.length,
    right: counted.length - wrong.length,
    meetings: own.map((group) => ({
      meeting: meetingOf(group),
      found: group.workers.some((worker) => matched.has(worker)),
    })),
    claims: counted.map((each) => ({ confidence: each.confidence, right: !wrong.includes(each) })),
    findings: [...missed.map((group) => missedFinding(farm, group)), ...wrong.map(wrongFinding)],
  }
}

/**
 * The worker that each reported recycle belongs to. What is reported belongs to as many replacements as possible: only
 * then are several reports of workers that were replaced together right as well. Those that probes met come first: they are
 * what is reported.
 */
function pairAll(
  farm: ScoredFarm,
  all: readonly WorkerTruth[],
  groups: readonly Group[],
  reported: readonly Recycle[],
): Map<Recycle, WorkerTruth> {
  const pairs = new Map<Recycle, WorkerTruth>()
  const firstsOf = (which: readonly Group[]) => which.flatMap(({ workers: [first] }) => first ?? [])
  const firsts = firstsOf(groups)
  const due = firstsOf(groups.filter((group) => group.due))
  const others = all.filter((worker) => !firsts.includes(worker))
  for (const node of new Set(all.map((worker) => worker.node)))
    for (const workers of [due, firsts, others]) {
      const matched = new Set(pairs.values())
      const candidates = workers.filter((worker) => worker.node === node && !matched.has(worker))
      const own = reported.filter((event) => event.target === node && !pairs.has(event))
      const windows = candidates.map((worker) => windowOf(farm, worker))
      const moments = own.map(({ atMs }) => atMs)
      for (const [index, moment] of pairUp(windows, moments).entries())
        if (moment !== undefined) pairs.set(own[moment] as Recycle, candidates[index] as WorkerTruth)
    }
  return pairs
}

/** When a recycle may be reported: until the new worker was warm and had answered a probe. */
function windowOf({ recording }: ScoredFarm, worker: WorkerTruth): Window {
  const { token, lastMs, warmMs } = worker
  const first = recording.probes.find(({ log }) => log.token === token)
  const seenMs = first === undefined ? 0 : endedMs(first.outcome)
  return {
    fromMs: goneMs(worker) - slackMs,
    toMs: Math.max(warmMs, seenMs, lastMs) + slackMs + recording.intervalMs,
  }
}

/** From when on the old worker was missing: its end, or the start of the new worker when the old one ended idle. */
export const goneMs = ({ cause, atMs, lastMs }: WorkerTruth): number =>
  cause === 'idle' ? atMs : Math.min(atMs, lastMs)

function grouped(all: readonly WorkerTruth[]): WorkerTruth[][] {
  const groups: WorkerTruth[][] = []
  for (const worker of all.filter(({ grown }) => !grown)) {
    const last = groups.findLast((group) => group[0]?.node === worker.node)
    const near = last !== undefined && worker.atMs - (last[0]?.atMs ?? 0) < togetherMs
    if (near && last.length < worker.of) last.push(worker)
    else groups.push([worker])
  }
  return groups
}

function judge({ recording }: ScoredFarm, workers: readonly WorkerTruth[]): Group {
  const { node, of } = workers[0] as WorkerTruth
  const window = startOf(workers)
  const stalls = startsWithin(ofKind(recording.truth, 'node_stall'), node, window)
  const ofSeveral = of > 1 && stalls.length === 0
  // A stall of the node concerns every probe.
  const met = ofSeveral
    ? [{ window, met: metOfSeveral(recording.probes, workers) }]
    : stalls.map(({ atMs, toMs }) => {
        const stall = { fromMs: atMs, toMs }
        return { window: stall, met: metBy(recording.probes, node, stall) }
      })
  const seen = recording.probes.some(({ outcome }) => workers.some(({ token }) => token === outcome.identity))
  const enough = met.some((each) => isMet(each.met, each.window))
  return { workers, ofSeveral, met: metMost(met), isMet: enough, due: seen || enough }
}

function meetingOf({ ofSeveral, met, isMet: enough }: Group): Meeting {
  if (!enough) return 'no probe met it for half a second'
  if (met.onlyThroughBalancer) return 'only probes through the balancer met it'
  if (ofSeveral) return 'probes waited for one worker of several, while others answered'
  if (met.waiters === 0) return 'probes failed, none waited'
  return met.waiters > 1 ? 'several probes waited for the whole node' : 'one probe waited for the whole node'
}

const metMost = (all: readonly { readonly met: Met }[]): Met =>
  all.reduce<Met>((most, { met }) => (met.waitedMs >= most.waitedMs ? met : most), {
    waitedMs: 0,
    waiters: 0,
    failed: false,
    onlyThroughBalancer: false,
  })

const startOf = (workers: readonly WorkerTruth[]): Window => ({
  fromMs: Math.min(...workers.map(goneMs)),
  toMs: Math.max(...workers.map(({ warmMs }) => warmMs)),
})

/** One worker of several concerns only the probes that it answered or that failed with its predecessor. */
function metOfSeveral(probes: ScoredFarm['recording']['probes'], workers: readonly WorkerTruth[]): Met {
  const waits = workers.flatMap(({ token, servesMs, warmMs }) =>
    probes
      .filter(({ outcome, log }) => log.token === token && requestedMs(outcome) < servesMs)
      .map(({ outcome }) => ({ outcome, ms: Math.min(endedMs(outcome), warmMs) - outcome.startedMs })),
  )
  const broken = probes.filter(
    ({ outcome, log }) =>
      outcome.reason !== 'ok' &&
      log.token === undefined &&
      workers.some(
        ({ node, lastMs }) => log.node === node && Math.abs(endedMs(outcome) - lastMs) <= brokenMs,
      ),
  )
  const direct = [...waits, ...broken].filter(({ outcome }) => outcome.role === 'node')
  return {
    waitedMs: Math.max(0, ...waits.map(({ ms }) => ms)),
    waiters: waits.filter(({ ms }) => ms >= leastMetMs).length,
    failed: broken.length > 0,
    onlyThroughBalancer: waits.length + broken.length > 0 && direct.length === 0,
  }
}

function missedFinding({ recording }: ScoredFarm, { workers, ofSeveral, met }: Group): Finding {
  const [first] = workers
  const { node, cause, atMs, lastMs, servesMs, warmMs, worker, of } = first as WorkerTruth
  const since = (ms: number) => `+${((ms - recording.scored.fromMs) / 1000).toFixed(2)}`
  const which = ofSeveral ? ` (worker ${worker + 1} of ${of}, the others answered)` : ''
  const through = met.onlyThroughBalancer ? ', only through the balancer' : ''
  return {
    what: 'missed',
    atMs,
    target: node,
    sentence:
      `missed a recycle (${cause})${which}: old worker until ${since(lastMs)}, new one started ${since(atMs)}, ` +
      `ready ${since(servesMs)}, warm ${since(warmMs)}; a probe met ${Math.round(met.waitedMs)} ms` +
      `${met.failed ? ', a probe failed' : ''}${through}`,
  }
}

const wrongFinding = ({ atMs, target, evidence, confidence }: Recycle): Finding => ({
  what: 'wrong',
  atMs,
  target,
  sentence: `reported a recycle (${evidence}, ${Math.round(confidence * 100)} %) that did not happen`,
})
