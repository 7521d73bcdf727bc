/** Recycles concluded from the waits and silences of a node, where no answer's identity shows them. */
import { endedMs } from '../../model/outcome.ts'
import { minuteMs } from '../../runtime/duration.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector } from '../detector.ts'
import { byNode, createMemories, joined, wholly } from '../memories.ts'
import { isBroken, type RecentAnswer, type RecentAnswers } from '../recent_answers.ts'
import { fieldsOf, listOf, number, type Of, optional, text, time } from '../shape.ts'
import { hasAnswered, scatterMs } from '../stall/silences.ts'
import { type NodeSilence, quickMs } from '../stall/stalls.ts'
import { createAlikeWaits, type LongWait, mayBeAlike, nothingAlike } from './alike_waits.ts'
import type { Identities } from './identities.ts'
import { noteReach } from './reach.ts'
import { evidenceOf, type Facts, leastProbability, probabilityOf, reasonsOf, sumOf } from './recycle_odds.ts'
import type { Recycles } from './recycles.ts'
import { factsOf } from './silence_facts.ts'
import { lengthLogOdds, takeIn, type Wait, type WaitLengths } from './wait_lengths.ts'

/** Other nodes count as slow at the same time up to this long before and after. */
const sameTimeMs = 500
/** Waits are judged so long after their end: what was answered before it is known by then. */
const settleMs = 2000
/** Waits so many times as long as usual are compared with each other. */
const longFrom = 1.2

const nodeState = fieldsOf({
  /** Moving average of what reaching the node takes, connection and TLS, in milliseconds. */
  reachMs: optional(number),
  /** Long waits that are not judged yet. */
  waits: listOf(fieldsOf({ check: text, startMs: time, endMs: time })),
})

type NodeState = Of<typeof nodeState>

export interface ColdStarts extends Detector {
  /** Takes in a silence of a node that has ended. */
  judge(silence: NodeSilence): void
}

/** A silence with what spoke for a recycle and against it. */
export interface Judged {
  readonly node: string
  /** The start of its first probe, wall milliseconds; the silence itself is from `fromMs` to `toMs`. */
  readonly atMs: number
  readonly fromMs: number
  readonly toMs: number
  readonly evidence: Readonly<Record<string, number>>
}

export type OnJudged = (judged: Judged) => void

type Span = Omit<Judged, 'evidence'> & { readonly check: string; readonly coldChecks: readonly string[] }

/** A silence or a wait with all that speaks for a recycle and against it. */
interface Case {
  readonly span: Span
  readonly failed: boolean
  readonly facts: Omit<Facts, 'likeness'>
  /** Its length among others of one check: of a silence, and of a wait that was overtaken. */
  readonly wait?: Wait | undefined
  readonly longWait?: LongWait | undefined
}

/** Doubtful cases, which may become clear with later ones. */
const doubted = { forMs: 10 * minuteMs, most: 64 }

interface Needs {
  readonly answers: RecentAnswers
  readonly baselines: Baselines
  readonly identities: Identities
  readonly lengths: WaitLengths
  readonly recycles: Recycles
  readonly onJudged?: OnJudged | undefined
}

export function createColdStarts(needs: Needs): ColdStarts {
  const { answers, baselines, identities, lengths, recycles, onJudged } = needs
  const nodes = createMemories(byNode, wholly(nodeState))
  const alikeWaits = createAlikeWaits()
  const memories = joined({ nodes, alikeWaits })
  let doubtful: readonly Case[] = []
  let newestLong: LongWait | undefined
  const usualMs = (node: string, check: string) => Math.max(quickMs, baselines.usualMs(node, check))
  const isQuick = (node: string, each: RecentAnswer): boolean =>
    hasAnswered(each) && each.waitMs <= usualMs(node, each.check)
  return {
    ...memories,
    shift(byMs) {
      memories.shift(byMs)
      doubtful = []
    },
    observe({ outcome, series: { target } }) {
      const state = nodes.get(target.name)
      if (state === undefined) return
      noteReach(state, outcome)
      const { check, startedMs, totalMs, latenessMs, reason } = outcome
      if (reason === 'ok' && totalMs - latenessMs > usualMs(target.name, check))
        state.waits.push({ check, startMs: startedMs, endMs: endedMs(outcome) })
    },
    advance(nowMs) {
      for (const { subject, state } of nodes.all()) {
        const settled = state.waits.filter(({ endMs }) => endMs + settleMs <= nowMs)
        if (settled.length === 0) continue
        state.waits = state.waits.filter((wait) => !settled.includes(wait))
        for (const wait of settled) judgeOvertaken(subject.name, state, wait)
      }
    },
    judge(silence) {
      const { node, fromMs, toMs, probes } = silence
      // What a single probe through the balancer waited for may be the balancer's own.
      if (probes.length === 1 && probes[0]?.outcome?.role === 'balancer') return
      const check = quickestOf(silence)
      const state = nodes.get(node)
      const waits = lengths.get(check)
      if (state === undefined || waits === undefined || identities.areTrusted(node, check)) return
      // Of an outage nothing but the wait at its end tells how long a start took.
      const waitMs = Math.min(silence.lengthMs, Math.max(1, greatest(waitsOf(silence, check))))
      takeLong(node, check, waitMs)
      const facts = factsOf(silence, waitMs, peersOf(node, fromMs, toMs), state)
      const leastMs = usualMs(node, check)
      const others = sumOf(evidenceOf({ ...facts, likeness: nothingAlike }, 0))
      const shared = facts.peersTroubled > 0.5
      const fresh = { atMs: fromMs, waitMs, waiters: silence.probes.length, shared, others }
      const atMs = least(silence.probes.map(({ startMs }) => startMs))
      const answered = silence.probes.filter(hasAnswered)
      const coldChecks = [...new Set([check, ...answered.map((each) => each.check)])]
      conclude({
        span: { node, check, coldChecks, atMs, fromMs, toMs },
        failed: answered.length < silence.probes.length,
        facts,
        wait: waitMs < leastMs ? undefined : takeIn(waits, fresh, leastMs),
      })
    },
  }

  /** A wait of a probe that was asked before others and answered after them. */
  function judgeOvertaken(
    node: string,
    state: NodeState,
    { check, startMs, endMs }: NodeState['waits'][number],
  ): void {
    const recent = answers.during(node, startMs, endMs)
    const isOvertaking = (each: RecentAnswer) =>
      each.startMs > startMs && each.endMs < endMs - scatterMs(endMs - startMs) && isQuick(node, each)
    const own = recent.find((each) => each.check === check && each.startMs === startMs)
    if (own === undefined || !recent.some(isOvertaking) || identities.areTrusted(node, check)) return
    const waitMs = endMs - startMs
    const span = { node, check, coldChecks: [check], atMs: startMs, fromMs: startMs, toMs: endMs }
    const wait = { ...span, lengthMs: waitMs, probes: [own], recent: [], repeated: 0 }
    conclude({
      span,
      failed: false,
      facts: { ...factsOf(wait, waitMs, peersOf(node, startMs, endMs), state), overtaken: true },
      longWait: takeLong(node, check, waitMs),
    })
  }

  /** Judges a case, and anew what was doubtful shortly before. */
  function conclude(fresh: Case): void {
    const { node, atMs, fromMs, toMs } = fresh.span
    onJudged?.({ node, atMs, fromMs, toMs, evidence: evidenceNow(fresh).evidence })
    const recent = doubtful.filter(({ span }) => toMs - span.toMs < doubted.forMs)
    doubtful = [...recent, fresh].filter((each) => !mayBeNews(each) || !isTold(each)).slice(-doubted.most)
  }

  /** Whether the newest long wait changes anything; what a length says is at hand. */
  function mayBeNews({ longWait }: Case): boolean {
    return longWait === undefined || (newestLong !== undefined && mayBeAlike(longWait, newestLong))
  }

  function evidenceNow({ facts: seen, wait, longWait }: Case) {
    const facts: Facts = { ...seen, likeness: longWait ? alikeWaits.likenessOf(longWait) : nothingAlike }
    return { facts, evidence: evidenceOf(facts, wait ? lengthLogOdds(wait) : 0) }
  }

  function isTold(each: Case): boolean {
    const { facts, evidence } = evidenceNow(each)
    const confidence = probabilityOf(evidence)
    const { node, check, coldChecks, atMs, toMs } = each.span
    if (confidence < leastProbability || identities.areTrusted(node, check)) return false
    recycles.add(node, {
      evidence: each.failed ? 'outage' : 'cold_start',
      check,
      atMs,
      untilMs: toMs,
      confidence,
      because: reasonsOf(facts),
      coldChecks,
      ...(facts.overtaken && { ofSeveral: true }),
      ...(facts.refused > 0 && { refused: true }),
    })
    return true
  }

  function takeLong(node: string, check: string, waitMs: number): LongWait | undefined {
    if (waitMs < longFrom * usualMs(node, check)) return undefined
    newestLong = alikeWaits.add({ check, excessMs: Math.max(1, waitMs - baselines.normalMs(node, check)) })
    return newestLong
  }

  /** Of the checks whose probes waited the one that is usually answered first: its waits say most. */
  function quickestOf({ node, check, probes }: NodeSilence): string {
    const waited = probes.filter(hasAnswered).map((each) => each.check)
    return [check, ...waited].reduce((a, b) => (usualMs(node, b) < usualMs(node, a) ? b : a))
  }

  /** Of each other node, the long waits at the same time. */
  function peersOf(node: string, fromMs: number, toMs: number): RecentAnswer[][] {
    return [...nodes.all()]
      .filter(({ subject }) => subject.name !== node)
      .map(({ subject: { name } }) =>
        answers
          .during(name, fromMs - sameTimeMs, toMs + sameTimeMs)
          .filter((each) => isBroken(each) || each.waitMs > usualMs(name, each.check)),
      )
  }
}

/** How long the probes of a check that were answered waited for the end of a silence, in milliseconds. */
const waitsOf = ({ probes, toMs }: NodeSilence, check: string): number[] =>
  probes.filter((each) => hasAnswered(each) && each.check === check).map(({ startMs }) => toMs - startMs)
