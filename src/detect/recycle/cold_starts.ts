/** Recycles concluded from the silences of a node, where no answer's identity shows them. */
import { isSuspect, type Outcome, type Reason } from '../../model/outcome.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import type { RecentAnswer, RecentAnswers } from '../recent_answers.ts'
import { fieldsOf, number, type Of, optional } from '../shape.ts'
import { hasAnswered } from '../stall/silences.ts'
import { type NodeSilence, quickMs } from '../stall/stalls.ts'
import type { Identities } from './identities.ts'
import { evidenceOf, type Facts, probabilityOf, reasonsOf, sumOf } from './recycle_odds.ts'
import type { Recycles } from './recycles.ts'
import { logOddsOf, type WaitLengths } from './wait_lengths.ts'

/** What is less likely is not reported. */
const leastProbability = 0.6
/** Answers that end this close together were released by the same event. */
const sameMomentMs = 120
/** Other nodes count as slow at the same time up to this long before and after. */
const sameTimeMs = 500

const nodeState = fieldsOf({
  /** Moving average of what reaching the node takes, connection and TLS, in milliseconds. */
  reachMs: optional(number),
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
  const usualMs = (node: string, check: string) => Math.max(quickMs, baselines.usualMs(node, check))
  return {
    ...nodes,
    observe({ outcome, series }) {
      const state = nodes.get(series.target.name)
      if (state !== undefined) noteReach(state, outcome)
    },
    judge(silence) {
      const { node, fromMs, toMs } = silence
      const check = quickestOf(silence)
      const state = nodes.get(node)
      const waits = lengths.get(check)
      if (state === undefined || waits === undefined || identities.areTrusted(node, check)) return
      const facts = factsOf(silence, state)
      // Of an outage nothing but the wait at its end tells how long a start took.
      const waitedMs = waitsOf(silence, check)
      const wait = {
        atMs: fromMs,
        waitMs: Math.min(silence.lengthMs, Math.max(1, greatest(waitedMs))),
        waiters: silence.probes.length,
        shared: facts.peersTroubled > 0.5,
        others: sumOf(evidenceOf(facts, 0)),
      }
      const leastMs = usualMs(node, check)
      const logOdds = wait.waitMs < leastMs ? 0 : logOddsOf(waits, wait, leastMs)
      const seen = evidenceOf(facts, logOdds)
      const confidence = probabilityOf(seen)
      const atMs = least(silence.probes.map(({ startMs }) => startMs))
      onJudged?.({ node, atMs, fromMs, toMs, evidence: seen })
      if (confidence < leastProbability) return
      const evidence = facts.waited < silence.probes.length ? 'outage' : 'cold_start'
      recycles.add(node, {
        evidence,
        check,
        atMs,
        untilMs: toMs,
        confidence,
        because: reasonsOf(facts),
        cold: true,
      })
    },
  }

  /** Of the checks whose probes waited the one that is usually answered first: its waits say most. */
  function quickestOf({ node, check, probes }: NodeSilence): string {
    const waited = probes.filter(hasAnswered).map((each) => each.check)
    return [check, ...waited].reduce((a, b) => (usualMs(node, b) < usualMs(node, a) ? b : a))
  }

  function factsOf(silence: NodeSilence, state: NodeState): Facts {
    const { node, fromMs, toMs, lengthMs, probes, recent, repeated } = silence
    const broken = recent.filter((each) => isBroken(each) && each.startMs < toMs)
    const peers = peersOf(node, fromMs, toMs)
    const waits = probes.filter(hasAnswered).map(({ startMs }) => toMs - startMs)
    return {
      waitMs: Math.min(lengthMs, greatest(waits)),
      waited: probes.filter(hasAnswered).length,
      broken: broken.length,
      refused: broken.filter(({ outcome }) => outcome?.reason === 'refused').length,
      checks: new Set(probes.map((each) => each.check)).size,
      peersReleased:
        peers.length > 0 &&
        peers.every((seen) =>
          seen.some((each) => each.waitMs > lengthMs / 3 && Math.abs(each.endMs - toMs) < sameMomentMs),
        ),
      peersTroubled:
        peers.filter((seen) => seen.some((each) => isBroken(each) || each.waitMs > lengthMs / 3)).length /
        Math.max(1, peers.length),
      peersQuick: peers.length > 0 && peers.every((seen) => seen.length === 0),
      networkSlow: probes.filter(({ outcome }) => networkWasSlow(state, outcome)).length / probes.length,
      repeated,
    }
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

const breaks: ReadonlySet<Reason> = new Set(['refused', 'reset', 'closed'])

const isBroken = ({ outcome }: RecentAnswer): boolean => outcome !== undefined && breaks.has(outcome.reason)

/** Weight of the newest sample in the moving average of connection times. */
const weight = 0.05
/** So far a sample counts beyond the average, in milliseconds: minutes of bad weather must not look like the usual. */
const capMs = (averageMs: number) => 2 * averageMs + 10

function noteReach(state: NodeState, outcome: Outcome): void {
  const ms = reachMsOf(outcome)
  if (isSuspect(outcome) || ms === undefined) return
  const { reachMs: averageMs = ms } = state
  state.reachMs = averageMs + weight * (Math.min(ms, capMs(averageMs)) - averageMs)
}

/** Whether reaching the node took so long that its answer says nothing about the node itself. */
function networkWasSlow({ reachMs }: NodeState, outcome: Outcome | undefined): boolean {
  const ms = outcome && reachMsOf(outcome)
  return ms !== undefined && reachMs !== undefined && ms > 4 * reachMs + 50
}

const reachMsOf = ({ phaseMs: { connect, tls } }: Outcome): number | undefined =>
  connect === undefined ? undefined : connect + (tls ?? 0)
