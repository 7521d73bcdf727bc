/** Follows one node through its probes: notices new workers, and measures their first requests. */

import type { Proof } from '../model/outcome.ts'
import { endedMs, type Outcome } from '../model/outcome.ts'
import { baselineMs, forgetColdStart, highMs } from './baseline.ts'
import type { FarmWatch, Series, Tell } from './farm_state.ts'
import { type NodeWatch, networkWasSlow, noteReach } from './node_state.ts'
import { during, mannerOf, remember } from './recent_answers.ts'
import {
  corroborated,
  type Facts,
  gather,
  judgeColdStart,
  overtaken,
  type Suspicion,
} from './recycle/cold_start.ts'
import { observeDeploy } from './recycle/deploy.ts'
import { expectFirstRequests, firstAnswers, sightingsFromMs } from './recycle/first_request.ts'
import { observeCalm, observeHabits, wasDue } from './recycle/habits.ts'
import { identityIsTrusted, longQuietMs, observeIdentity } from './recycle/identity.ts'
import { coldFromMs, type Kind, learnNatural } from './recycle/natural_slowness.ts'
import { noteAsked, quietBefore } from './recycle/quiet_time.ts'
import { redateRecycle, type Sign, shutdownNotice, tellRecycle } from './recycle/recycle.ts'
import { observeStoppage } from './recycle/stopped_pool.ts'

/** How long what follows a slow answer is watched before it is judged, and at most, in milliseconds. */
const judgeAfterMs = 1500
const judgeWithinMs = 60_000
/** How far back failures may belong to a slow answer, in milliseconds. */
const lookBackMs = 90_000

/** Takes in an outcome of a node; `slow` when it was suspiciously slow for its series. */
export function observeNode(
  watch: FarmWatch,
  node: NodeWatch,
  series: Series,
  outcome: Outcome,
  proof: Proof,
  slow: boolean,
  tell: Tell,
): void {
  noteReach(node, outcome)
  const quietMs = noteAsked(series.quiet, outcome.startedMs)
  if (outcome.lane === 'tick') series.cold.watchedMs += series.slots.intervalMs
  const notice = shutdownNotice(outcome, proof) ?? observeStoppage(series.stoppage, outcome, proof)
  if (notice !== undefined) tellSign(watch, node, series, notice, tell)
  const before = node.recycles.told.length
  noteAnswer(watch, node, series, outcome, proof, slow, tell)
  const stayed = quietMs !== undefined && proof === 'ok' && !slow && node.recycles.told.length === before
  if (stayed) observeCalm(watch.habits, node.name, quietMs)
}

/** Takes in an answer of the node, which came directly or through the balancer; `series` is the node's own. */
export function noteAnswer(
  watch: FarmWatch,
  node: NodeWatch,
  series: Series,
  outcome: Outcome,
  proof: Proof,
  slow: boolean,
  tell: Tell,
): void {
  const manner = mannerOf(outcome, proof, slow)
  if (manner !== undefined) remember(node.history, outcome, manner)
  if (outcome.identity !== undefined) noteToken(watch, node, series, outcome.identity, outcome, tell)
  if (manner === 'slow' && !identityIsTrusted(series.identity)) suspect(node, outcome)
}

function noteToken(
  watch: FarmWatch,
  node: NodeWatch,
  series: Series,
  token: string,
  outcome: Outcome,
  tell: Tell,
): void {
  const { startedMs } = outcome
  const fresh = observeIdentity(series.identity, token, startedMs, quietMsOf(series))
  if (fresh === undefined) return redateRecycle(node.recycles, token, startedMs)
  const { firstMs, confidence } = fresh
  const sign = {
    evidence: 'identity',
    atMs: firstMs,
    untilMs: endedMs(outcome),
    confidence,
    token: fresh.token,
  } as const
  tellSign(watch, node, series, sign, tell)
}

/** The interval of a canary check is meant to let the pool idle out. */
function quietMsOf({ check, slots }: Series): number {
  const pauseMs = check.canary && slots.intervalMs > 0 ? 0.8 * slots.intervalMs : longQuietMs
  return Math.min(longQuietMs, pauseMs)
}

/** Draws the conclusions about a node that only needed time. */
export function advanceNode(watch: FarmWatch, node: NodeWatch, tell: Tell): void {
  const { nowMs } = watch
  const { suspicion } = node
  if (suspicion !== undefined && nowMs >= suspicion.judgeAtMs) judge(watch, node, suspicion, tell)
  if (node.expected.length === 0) return
  for (const expected of node.expected) {
    if (nowMs < expected.dueMs) continue
    const sightings = during(node.history, sightingsFromMs(expected), nowMs)
    for (const answer of firstAnswers(expected, sightings, nowMs)) {
      tell({ kind: 'first_request', target: node.name, ...answer })
      forget(watch, node, expected.recycle.atMs, answer.atMs + answer.firstByteMs)
    }
  }
  node.expected = node.expected.filter(({ untilMs }) => nowMs < untilMs)
}

function suspect(node: NodeWatch, outcome: Outcome): void {
  const { startedMs: startMs, check } = outcome
  const endMs = endedMs(outcome)
  const { suspicion } = node
  if (suspicion === undefined)
    node.suspicion = {
      startMs,
      endMs,
      check,
      judgeAtMs: endMs + judgeAfterMs,
      deadlineMs: endMs + judgeWithinMs,
    }
  // Until something is quick again: the last answer of the old worker may be slow itself, and come long before what
  // waits for the new one.
  else
    node.suspicion = {
      ...suspicion,
      startMs: Math.min(startMs, suspicion.startMs),
      endMs: Math.max(endMs, suspicion.endMs),
      judgeAtMs: Math.min(suspicion.deadlineMs, Math.max(suspicion.judgeAtMs, endMs + judgeAfterMs)),
    }
}

function judge(watch: FarmWatch, node: NodeWatch, suspicion: Suspicion, tell: Tell): void {
  const sightings = during(node.history, suspicion.startMs - lookBackMs, watch.nowMs)
  const seriesOf = (check: string) => watch.series.get(node.name)?.get(check)
  const facts = gather(suspicion, sightings, highMs(seriesOf(suspicion.check)?.baseline) ?? 0)
  const undecided = facts?.quickAfter === 0 && facts.overtaking === 0
  if (undecided && watch.nowMs < suspicion.deadlineMs) {
    node.suspicion = { ...suspicion, judgeAtMs: watch.nowMs + judgeAfterMs }
    return
  }
  node.suspicion = undefined
  if (facts === undefined) return
  const series = seriesOf(facts.check)
  if (series === undefined) return
  const kind = corroborated(facts) && !overtaken(facts) ? 'pauses' : 'alone'
  const judgement = judgeColdStart(facts, {
    coldFromMs: Math.max(leastCold(series, kind), coldFromMs(series.cold, kind, series.baseline.slowMs)),
    networkSlow: sightings.some(
      ({ manner, outcome, endMs }) =>
        manner === 'slow' && endMs >= facts.startMs && networkWasSlow(node, outcome),
    ),
    ...peers(watch, node, facts),
  })
  if (judgement.kind === 'natural') learnNatural(series.cold, kind, facts.endMs, facts.waitMs)
  if (judgement.kind !== 'cold') return
  series.cold.found++
  tellSign(watch, node, series, judgement.sign, tell)
}

/** Whatever the tail looks like: a cold start is a multiple of what nearly all answers keep to, and can be felt. */
function leastCold({ baseline }: Series, kind: Kind): number {
  const times = kind === 'pauses' ? 1.8 : 3
  return Math.max(times * (highMs(baseline) ?? 0), (baselineMs(baseline) ?? 0) + 250)
}

function peers(watch: FarmWatch, node: NodeWatch, { startMs, endMs }: Facts) {
  const peerEndsMs: number[] = []
  let peersSeen = 0
  let peersSlow = 0
  for (const peer of watch.nodes.values()) {
    if (peer === node) continue
    const seen = during(peer.history, startMs - 500, endMs + 500)
    const slow = seen.filter(({ manner }) => manner === 'slow' || manner === 'hung')
    if (seen.length > 0) peersSeen++
    if (slow.length === 0) continue
    peersSlow++
    peerEndsMs.push(slow.reduce((a, b) => (b.waitMs > a.waitMs ? b : a)).endMs)
  }
  return { peersSeen, peersSlow, peerEndsMs }
}

/** Keeps what waited for a new worker out of what is normal for the node, and for the balancer that asked it. */
function forget({ farm, series }: FarmWatch, node: NodeWatch, fromMs: number, untilMs: number): void {
  for (const name of [node.name, farm.balancer.name])
    for (const { baseline } of series.get(name)?.values() ?? []) forgetColdStart(baseline, fromMs, untilMs)
}

/** Tells of a new worker, unless other evidence has told of it before, and begins to wait for its first requests. */
function tellSign(watch: FarmWatch, node: NodeWatch, series: Series, sign: Sign, tell: Tell): void {
  const told = tellRecycle(node.recycles, sign)
  if (told === undefined) return
  const { name: target } = node
  const { atMs, evidence, confidence } = told
  tell({ kind: 'recycle', atMs, target, evidence, confidence })
  forget(watch, node, atMs, sign.untilMs)
  node.expected.push(expectFirstRequests(told, watch.nowMs))
  const regularities = observeHabits(watch.habits, target, atMs, quietBefore(series.quiet, atMs))
  for (const regularity of regularities) tell({ kind: 'habit', atMs, ...regularity })
  if (wasDue(watch.habits, target)) return
  const deploy = observeDeploy(watch.deploy, target, atMs, watch.nodes.size)
  if (deploy !== undefined) tell({ kind: 'deploy', ...deploy })
}
