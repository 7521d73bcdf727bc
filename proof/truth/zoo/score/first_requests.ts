/**
 * Whether first requests are told as the server's own log has them: those whose worker had nobody waiting longer than our
 * probe. Where a user's request or a health check waited longer, what ours took is not what a first request takes.
 */
import type { FirstRequest } from '../../../../src/model/event.ts'
import type { RecordedProbe } from '../recording/recording.ts'
import { requestedMs } from '../truth/farm_truth.ts'
import { type LoggedFirstRequest, ofKind, type WorkerTruth } from '../truth/vocabulary.ts'
import { type Finding, isScored, type ScoredFarm } from './scored_farm.ts'

export interface FirstRequestScore {
  /** New workers whose first request was a probe of ours, sent to the node itself, and had to wait for it. */
  readonly own: number
  /** Of these, told of that worker. */
  readonly told: number
  /** How far each time told is from the log of that very request; where no probe of ours was first, absent. */
  readonly off: readonly Off[]
  /** Told though a user or a health check waited longer, or of no new worker. */
  readonly othersTold: number
  /** Told of a check whose request came when the worker was warm: another check's was first. */
  readonly warmTold: number
  readonly findings: readonly Finding[]
}

interface Off {
  readonly ms: number
  /** Of what the log says. */
  readonly share: number
}

/** As near as it has to be told: either will do. */
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
  const told = farm.events.filter((event) => event.kind === 'first_request')
  const judged = told.filter(({ atMs }) => isScored(farm, atMs)).map((each) => judge(probes, starts, each))
  const toldOf = new Set(judged.map(({ token }) => token))
  const direct = new Set(probes.flatMap(({ outcome: { role, id } }) => (role === 'node' ? [id] : [])))
  const waited = ({ token }: LoggedFirstRequest) => starts.get(token)?.worker?.preloaded === false
  const own = firsts.filter((first) => isScored(farm, first.atMs) && direct.has(first.id) && waited(first))
  const count = (verdict: Judged['verdict']) => judged.filter((each) => each.verdict === verdict).length
  return {
    own: own.length,
    told: own.filter(({ token }) => toldOf.has(token)).length,
    off: judged.flatMap(({ off }) => off ?? []),
    othersTold: count('others'),
    warmTold: count('warm'),
    findings: [
      ...judged.flatMap(({ finding }) => finding ?? []),
      ...own.filter(({ token }) => !toldOf.has(token)).map(missedFinding),
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
  told: FirstRequest,
): Judged {
  const { target, check, atMs, firstByteMs } = told
  const toldAs = `told a first request (${check}) of ${Math.round(firstByteMs)} ms`
  const finding = (what: Finding['what'], why: string): Finding => ({
    what,
    atMs,
    target,
    sentence: `${toldAs} ${why}`,
  })
  const probe = toldProbe(probes, told)
  const { token, endMs } = probe?.log ?? {}
  const start = token === undefined ? undefined : starts.get(token)
  if (probe === undefined || token === undefined || endMs === undefined)
    return { verdict: 'others', finding: finding('wrong', 'that no worker answered') }
  if (start === undefined)
    return { verdict: 'others', finding: finding('wrong', 'of a worker that was not new') }
  const { first, worker } = start
  const sentMs = requestedMs(probe.outcome)
  const off = offOf(firstByteMs, endMs - sentMs)
  if (first.from !== 'probe' && !isNear(offOf(firstByteMs, first.ms))) {
    const who = first.from === 'user' ? 'a user' : 'a health check'
    const why = `where ${who} was first and waited ${Math.round(first.ms)} ms`
    return { verdict: 'others', finding: finding('wrong', why) }
  }
  if (sentMs > (worker?.servesMs ?? 0) && first.id !== probe.outcome.id) return { verdict: 'warm', token }
  if (isNear(off)) return { verdict: 'ours', token, off }
  return {
    verdict: 'ours',
    token,
    off,
    finding: finding('off', `that took ${Math.round(endMs - sentMs)} ms`),
  }
}

/** Events are dated by when their probe was started; one that went through the balancer may have been first as well. */
const toldProbe = (
  probes: readonly RecordedProbe[],
  { target, check, atMs, firstByteMs }: FirstRequest,
): RecordedProbe | undefined =>
  probes
    .filter(
      ({ outcome, log }) =>
        log.node === target && outcome.check === check && Math.abs(outcome.startedMs - atMs) < 1,
    )
    .sort((a, b) => offMs(a, firstByteMs) - offMs(b, firstByteMs))[0]

const offMs = ({ outcome }: RecordedProbe, toldMs: number): number =>
  Math.abs((outcome.firstByteMs ?? outcome.totalMs) - toldMs)

const offOf = (toldMs: number, trueMs: number): Off => {
  const ms = Math.abs(toldMs - trueMs)
  return { ms, share: ms / trueMs }
}

const missedFinding = ({ atMs, node, ms, path }: LoggedFirstRequest): Finding => ({
  what: 'missed',
  atMs,
  target: node,
  sentence: `did not tell our first request (${path}) of ${Math.round(ms)} ms`,
})
