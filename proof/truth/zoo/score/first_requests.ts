/**
 * Whether reported first requests agree with the server's own log. Only a probe that waited longest for the new worker
 * measures a first request: where a user or a health check waited longer, the probe's time is not it.
 */
import type { FirstRequest } from '../../../../src/model/event.ts'
import type { RecordedProbe } from '../recording/recording.ts'
import { requestedMs } from '../truth/farm_truth.ts'
import { type LoggedFirstRequest, ofKind, type WorkerTruth } from '../truth/vocabulary.ts'
import { type Finding, isScored, type ScoredFarm } from './scored_farm.ts'

export interface FirstRequestScore {
  /** New workers whose first request was a waiting probe of the node itself. */
  readonly own: number
  /** Of these the reported ones. */
  readonly reported: number
  /** The error of each reported time against the log of that very request. */
  readonly off: readonly Off[]
  /** Reported although a user or a health check waited longer, or for a worker that was not new. */
  readonly reportedForOthers: number
  /** Reported for a check whose request found the worker warm: another probe was first. */
  readonly reportedWarm: number
  readonly findings: readonly Finding[]
}

interface Off {
  readonly ms: number
  /** Relative to the logged time. */
  readonly share: number
}

/** A reported time is near within either of these. */
const near = { ms: 100, share: 0.05 }

export const isNear = ({ ms, share }: Off): boolean => ms <= near.ms || share <= near.share

export function scoreFirstRequests(farm: ScoredFarm): FirstRequestScore {
  const { truth, probes } = farm.recording
  const firsts = ofKind(truth, 'first_request')
  const workers = ofKind(truth, 'recycle')
  const starts = new Map(
    firsts.map((first) => [
      first.token,
      { first, worker: workers.find(({ token }) => token === first.token) },
    ]),
  )
  const reported = farm.events
    .filter((event) => event.kind === 'first_request')
    .filter(({ userFirst }) => !userFirst)
  const judged = reported
    .filter(({ atMs }) => isScored(farm, atMs))
    .map((each) => judge(probes, starts, each))
  const reportedTokens = new Set(judged.map(({ token }) => token))
  const direct = new Set(probes.flatMap(({ outcome: { role, id } }) => (role === 'node' ? [id] : [])))
  const waited = ({ token }: LoggedFirstRequest) => starts.get(token)?.worker?.preloaded === false
  const own = firsts.filter((first) => isScored(farm, first.atMs) && direct.has(first.id) && waited(first))
  const count = (verdict: Judged['verdict']) => judged.filter((each) => each.verdict === verdict).length
  return {
    own: own.length,
    reported: own.filter(({ token }) => reportedTokens.has(token)).length,
    off: judged.flatMap(({ off }) => off ?? []),
    reportedForOthers: count('others'),
    reportedWarm: count('warm'),
    findings: [
      ...judged.flatMap(({ finding }) => finding ?? []),
      ...own.filter(({ token }) => !reportedTokens.has(token)).map(missedFinding),
    ],
  }
}

interface Start {
  readonly first: LoggedFirstRequest
  readonly worker: WorkerTruth | undefined
}

interface Judged {
  readonly verdict: 'ours' | 'warm' | 'others'
  readonly token?: string
  readonly off?: Off
  readonly finding?: Finding
}

function judge(
  probes: readonly RecordedProbe[],
  starts: ReadonlyMap<string, Start>,
  reported: FirstRequest,
): Judged {
  const { target, check, atMs, firstByteMs } = reported
  const what = `reported a first request (${check}) of ${Math.round(firstByteMs)} ms`
  const finding = (kind: Finding['what'], why: string): Finding => ({
    what: kind,
    atMs,
    target,
    sentence: `${what} ${why}`,
  })
  const probe = reportedProbe(probes, reported)
  const { token, endMs } = probe?.log ?? {}
  const start = token === undefined ? undefined : starts.get(token)
  if (probe === undefined || token === undefined || endMs === undefined)
    return { verdict: 'others', finding: finding('wrong', 'that no worker answered') }
  if (start === undefined)
    return { verdict: 'others', finding: finding('wrong', 'of a worker that was not new') }
  const { first, worker } = start
  const sentMs = requestedMs(probe.outcome)
  const tookMs = endMs - sentMs
  // A request that was given up took at least so long, and that is what is reported.
  const off =
    reported.reason !== 'ok' && firstByteMs < tookMs ? { ms: 0, share: 0 } : offOf(firstByteMs, tookMs)
  // The page of one that was asked first may take longer, and so be answered after others.
  if (first.from !== 'probe' && sentMs > first.atMs && !isNear(offOf(firstByteMs, first.ms))) {
    const who = first.from === 'user' ? 'a user' : 'a health check'
    const why = `although ${who} was first and waited ${Math.round(first.ms)} ms`
    return { verdict: 'others', finding: finding('wrong', why) }
  }
  if (sentMs > (worker?.servesMs ?? 0) && first.id !== probe.outcome.id) return { verdict: 'warm', token }
  if (isNear(off)) return { verdict: 'ours', token, off }
  return {
    verdict: 'ours',
    token,
    off,
    finding: finding('off', `that took ${Math.round(tookMs)} ms`),
  }
}

/** An event has the start time of its probe; a probe through the balancer may have been first. */
const reportedProbe = (
  probes: readonly RecordedProbe[],
  { target, check, atMs, firstByteMs }: FirstRequest,
): RecordedProbe | undefined =>
  probes
    .filter(
      ({ outcome, log }) =>
        log.node === target && outcome.check === check && Math.abs(outcome.startedMs - atMs) < 1,
    )
    .sort((a, b) => offMs(a, firstByteMs) - offMs(b, firstByteMs))[0]

const offMs = ({ outcome }: RecordedProbe, reportedMs: number): number =>
  Math.abs((outcome.firstByteMs ?? outcome.totalMs) - reportedMs)

const offOf = (reportedMs: number, trueMs: number): Off => {
  const ms = Math.abs(reportedMs - trueMs)
  return { ms, share: ms / trueMs }
}

const missedFinding = ({ atMs, node, ms, path }: LoggedFirstRequest): Finding => ({
  what: 'missed',
  atMs,
  target: node,
  sentence: `missed a first request (${path}) of ${Math.round(ms)} ms`,
})
