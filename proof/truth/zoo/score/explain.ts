/** Explains misses and false alarms: the probes around each, and what the logs say. */
import { balancerName } from '../../../../src/model/farm.ts'
import { nameOf, type RecordedProbe, type Recording } from '../recording/recording.ts'
import { requestedMs } from '../truth/farm_truth.ts'
import type { ZooTruth } from '../truth/vocabulary.ts'
import type { Score } from './score.ts'
import { type Finding, leastMetMs } from './scored_farm.ts'

/** The time around a finding that is shown. */
const around = { beforeMs: 5000, afterMs: 10_000 }

const findingsOf = ({ recycles, stalls, firsts, blame }: Score): Finding[] =>
  [recycles, stalls, firsts, blame].flatMap(({ findings }) => findings).sort((a, b) => a.atMs - b.atMs)

/** A paragraph for each finding. Times are seconds since the start of the scored time. */
export const explain = (recording: Recording, score: Score): string[] =>
  findingsOf(score).map((finding) => paragraph(recording, finding))

function paragraph(recording: Recording, finding: Finding): string {
  const { atMs, target, sentence, what } = finding
  const since = (ms: number) =>
    `${ms < recording.scored.fromMs ? '-' : '+'}${(Math.abs(ms - recording.scored.fromMs) / 1000).toFixed(2)}`
  const isNear = (ms: number) => ms >= atMs - around.beforeMs && ms <= atMs + around.afterMs
  const probes = recording.probes
    .filter(
      ({ outcome }) => (target === balancerName || outcome.target === target) && isNear(outcome.startedMs),
    )
    .sort((a, b) => a.outcome.startedMs - b.outcome.startedMs)
  const events = recording.truth.filter(
    (event) => isNear(event.atMs) && isAbout(event, target) && isLong(event),
  )
  return [
    `${nameOf(recording)} seed ${recording.seed} ${since(atMs)} ${target}: ${what.toUpperCase()}: ${sentence}`,
    ...events.map((event) => `    log ${since(event.atMs)} ${eventText(event, since)}`),
    ...probes.map((probe) => `    probe ${probeText(probe, since)}`),
  ].join('\n')
}

function isAbout(event: ZooTruth, target: string): boolean {
  if (event.kind === 'first_request') return false
  if (target === balancerName || event.kind === 'weather' || event.kind === 'stall') return true
  return 'node' in event ? event.node === target : event.kind === 'outage' && event.target === target
}

/** Single-threaded nodes are busy for short times all the time. */
const isLong = (event: ZooTruth): boolean =>
  event.kind !== 'node_stall' || event.cause !== 'busy' || event.toMs - event.atMs >= leastMetMs

function eventText(event: ZooTruth, since: (ms: number) => string): string {
  if (event.kind === 'recycle') {
    const { node, cause, worker, of, lastMs, servesMs, warmMs, token, grown } = event
    const which = of > 1 ? ` ${worker + 1} of ${of}` : ''
    const last = grown ? 'added' : `old one until ${since(lastMs)}`
    return `${node}: new worker${which} ${token} (${cause}), ${last}, ready ${since(servesMs)}, warm ${since(warmMs)}`
  }
  if (event.kind === 'node_stall') return `${event.node}: stall (${event.cause}) until ${since(event.toMs)}`
  if (event.kind === 'balancer_error')
    return `balancer: ${event.status || 'no answer'} because of ${event.nodes.join('/')} (${event.cause})`
  if (event.kind === 'weather') return `network trouble until ${since(event.toMs)}`
  if (event.kind === 'stall') return `farmprobe stopped or starved until ${since(event.toMs)}`
  return event.kind === 'outage' ? `${event.target}: ${event.how} until ${since(event.toMs)}` : event.kind
}

function probeText({ outcome, log }: RecordedProbe, since: (ms: number) => string): string {
  const { startedMs, lane, target, check, reason, firstByteMs, totalMs, status, latenessMs, identity } =
    outcome
  const waited = `${Math.round(firstByteMs ?? totalMs)} ms`
  const result = reason === 'ok' ? 'ok' : `${reason}${status === 0 ? '' : ` ${status}`}`
  const { node, token, cameMs, endMs, error } = log
  const sentMs = requestedMs(outcome)
  const by = target === node || node === undefined ? '' : ` at ${node}`
  const answered =
    cameMs === undefined || endMs === undefined || token === undefined
      ? `not received by an application${by}`
      : `received by ${token}${by} after ${Math.round(cameMs - sentMs)} ms, answered in ${Math.round(endMs - cameMs)} ms`
  return [
    `${since(startedMs)} ${lane} ${target} ${check}: ${waited} ${result}`,
    latenessMs < 1 ? '' : `, late by ${Math.round(latenessMs)} ms`,
    identity === undefined ? '' : `, identity ${identity}`,
    `; ${answered}`,
    error === undefined ? '' : `; ${error}`,
  ].join('')
}
