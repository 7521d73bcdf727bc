/** New workers by their cold starts, where answers show no token: every slow spell of a node is judged. */
import { endedMs, isSuspect, type Outcome, seriesKey } from '../../model/outcome.ts'
import { baselineMs, highMs } from '../baseline.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import { isLong, type RecentAnswers } from '../recent_answers.ts'
import { fieldsOf, number, type Of, optional, text, time } from '../shape.ts'
import type { Identities } from './identities.ts'
import { coldFromMs, learnNatural, type NaturalSlowness, type SlownessKind } from './natural_slowness.ts'
import type { Recycles } from './recycles.ts'
import { corroborated, type Facts, gather, judgeSpell, longestOf, overtaken } from './slow_spell.ts'

/** How long what follows a slow answer is watched before it is judged, and at most, in milliseconds. */
const judgeAfterMs = 1500
const judgeWithinMs = 60_000
/** How far back failures may belong to a slow answer, in milliseconds. */
const lookBackMs = 90_000
/** Other nodes count as slow at the same time up to this long before and after. */
const sameTimeMs = 500

const nodeState = fieldsOf({
  /** A slow spell that is not judged yet. */
  spell: optional(
    fieldsOf({
      startMs: time,
      endMs: time,
      /** Of its first answer. */
      check: text,
      judgeAtMs: time,
      /** When it is judged at the latest, whatever is still missing. */
      deadlineMs: time,
    }),
  ),
  /** Moving average of what reaching the node takes, connection and TLS, in milliseconds. */
  reachMs: optional(number),
})

type NodeState = Of<typeof nodeState>
type OpenSpell = NonNullable<NodeState['spell']>

interface Needs {
  readonly answers: RecentAnswers
  readonly baselines: Baselines
  readonly identities: Identities
  readonly slowness: NaturalSlowness
  readonly recycles: Recycles
}

export function createColdStarts({ answers, baselines, identities, slowness, recycles }: Needs): Detector {
  const nodes = createMemories(byNode, wholly(nodeState))
  return {
    ...nodes,
    observe({ outcome, manner, series, node }) {
      const asked = nodes.get(series.target.name)
      if (asked !== undefined) noteReach(asked, outcome)
      const answering = node && nodes.get(node.target.name)
      if (
        answering !== undefined &&
        manner === 'slow' &&
        !identities.areTrusted(node?.target.name ?? '', node?.check.name ?? '')
      )
        answering.spell = extended(answering.spell, outcome)
    },
    advance(nowMs) {
      for (const { subject, state } of nodes.all()) {
        const { spell } = state
        if (spell !== undefined && nowMs >= spell.judgeAtMs) judge(spell, subject.name, state, nowMs)
      }
    },
  }

  function judge(spell: OpenSpell, name: string, state: NodeState, nowMs: number): void {
    const recent = answers.during(name, spell.startMs - lookBackMs, nowMs)
    const facts = gather(spell, recent, highMs(baselines.get(seriesKey(name, spell.check))) ?? 0)
    const undecided = facts?.quickAfter === 0 && facts.overtaking === 0
    if (undecided && nowMs < spell.deadlineMs) {
      spell.judgeAtMs = nowMs + judgeAfterMs
      return
    }
    state.spell = undefined
    const baseline = facts && baselines.get(seriesKey(name, facts.check))
    const natural = facts && slowness.get(facts.check)
    if (facts === undefined || baseline === undefined || natural === undefined) return
    const kind = corroborated(facts) && !overtaken(facts) ? 'pauses' : 'alone'
    const judgement = judgeSpell(facts, {
      coldFromMs: Math.max(leastColdMs(baseline, kind), coldFromMs(natural, kind, baseline.slowMs)),
      networkSlow: recent.some(
        ({ manner, outcome, endMs }) =>
          manner === 'slow' && endMs >= facts.startMs && networkWasSlow(state, outcome),
      ),
      ...peersOf(name, facts),
    })
    if (judgement.kind === 'natural') learnNatural(natural, kind, { atMs: facts.endMs, waitMs: facts.waitMs })
    if (judgement.kind !== 'cold') return
    natural.found++
    recycles.add(name, judgement.observed)
  }

  function peersOf(name: string, { startMs, endMs }: Facts) {
    const peers = [...nodes.all()]
      .filter(({ subject }) => subject.name !== name)
      .map(({ subject }) => answers.during(subject.name, startMs - sameTimeMs, endMs + sameTimeMs))
    return {
      peersSeen: peers.filter((seen) => seen.length > 0).length,
      peerEndsMs: peers.flatMap((seen) => longestOf(seen.filter(isLong))?.endMs ?? []),
    }
  }
}

/**
 * The spell with one more slow answer. It goes on until something is quick again: the last answer of the old worker may
 * be slow itself, and come long before what waits for the new one.
 */
function extended(spell: OpenSpell | undefined, outcome: Outcome): OpenSpell {
  const { startedMs: startMs, check } = outcome
  const endMs = endedMs(outcome)
  const judgeAtMs = endMs + judgeAfterMs
  if (spell === undefined) return { startMs, endMs, check, judgeAtMs, deadlineMs: endMs + judgeWithinMs }
  return {
    ...spell,
    startMs: Math.min(startMs, spell.startMs),
    endMs: Math.max(endMs, spell.endMs),
    judgeAtMs: Math.min(spell.deadlineMs, Math.max(spell.judgeAtMs, judgeAtMs)),
  }
}

/** The shortest wait that can be a cold start: a multiple of what nearly all answers keep to, and 250 ms more than usual. */
function leastColdMs(baseline: Parameters<typeof baselineMs>[0], kind: SlownessKind): number {
  const times = kind === 'pauses' ? 1.8 : 3
  return Math.max(times * (highMs(baseline) ?? 0), (baselineMs(baseline) ?? 0) + 250)
}

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
  return ms !== undefined && reachMs !== undefined && ms - (outcome?.latenessMs ?? 0) > 4 * reachMs + 50
}

const reachMsOf = ({ phaseMs: { connect, tls } }: Outcome): number | undefined =>
  connect === undefined ? undefined : connect + (tls ?? 0)
