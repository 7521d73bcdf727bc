/**
 * Stalls of a node: spans in which it answered nobody, whatever the cause. They are seen, not guessed: at least two
 * probes were owed an answer and none came.
 */
import { seriesKey } from '../../model/outcome.ts'
import { minuteMs, secondMs } from '../../runtime/duration.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import { highMs } from '../baseline.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector, Emit } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import type { RecentAnswer, RecentAnswers } from '../recent_answers.ts'
import { fieldsOf, listOf, type Of, optional, text, time } from '../shape.ts'
import { hasAnswered, isAnswer, type Silence, silencesOf } from './silences.ts'

/** Probes that waited for the same moment are answered within this time of it. */
const settleMs = 1500
/** Silences are judged once the node is quick again, at the latest this long after the first of them was seen. */
const judgeWithinMs = minuteMs
/** How far back the last answer before a silence is looked for. */
const lookBackMs = 10 * minuteMs
/** Shorter waits are quick on any page. */
const quickMs = 250
/** Shorter stalls are not reported: users take them for a slow page. */
const leastStallMs = 500

const nodeState = fieldsOf({
  /** Waits and failures that are not judged yet. */
  pending: optional(
    fieldsOf({
      fromMs: time,
      checks: listOf(text),
      /** When it is looked into, and until when a quick answer is waited for; absent while nothing is answered. */
      look: optional(fieldsOf({ atMs: time, untilMs: time })),
    }),
  ),
  /** Silences that ended by then have been judged. */
  judgedMs: time,
})

type NodeState = Of<typeof nodeState>
type Pending = NonNullable<NodeState['pending']>
type Look = NonNullable<Pending['look']>

/**
 * Silences of one or more checks on a node that overlap, or follow each other without a quick answer between them: one
 * thing happened to the node.
 */
export interface NodeSilence {
  readonly node: string
  /** Of the longest silence. */
  readonly check: string
  /** The start of the first probe that was owed an answer, wall milliseconds. */
  readonly fromMs: number
  /** The first answer after the longest silence. */
  readonly toMs: number
  /** As far as it was seen, in milliseconds. */
  readonly lengthMs: number
  /** Every probe that waited, failed or was given up. */
  readonly probes: readonly RecentAnswer[]
  /** Other silences before and after, at least half as long. */
  readonly repeated: number
  /** All that is known of the node from shortly before, the newest first. */
  readonly recent: readonly RecentAnswer[]
}

interface Needs {
  readonly answers: RecentAnswers
  readonly baselines: Baselines
  /** Every silence, also one that a single probe met, which is no stall. */
  readonly onSilence: (silence: NodeSilence) => void
}

export function createStalls(emit: Emit, { answers, baselines, onSilence }: Needs): Detector {
  const nodes = createMemories(byNode, wholly(nodeState))
  const usualMs = (node: string, check: string) => highMs(baselines.get(seriesKey(node, check))) ?? 0
  const isQuick = (node: string, each: RecentAnswer) =>
    hasAnswered(each) && each.waitMs <= Math.max(quickMs, usualMs(node, each.check))
  return {
    ...nodes,
    observe({ outcome, node }) {
      const state = node && nodes.get(node.target.name)
      if (state === undefined) return
      const { startedMs, totalMs, check } = outcome
      const answered = isAnswer(outcome)
      const isLong = totalMs > quickMs && totalMs > usualMs(node?.target.name ?? '', check)
      if (!answered || isLong) {
        const { fromMs = startedMs, checks = [], look } = state.pending ?? {}
        if (!checks.includes(check)) checks.push(check)
        state.pending = { fromMs: Math.min(fromMs, startedMs), checks, look }
      }
      if (!answered || state.pending === undefined || !state.pending.checks.includes(check)) return
      const atMs = startedMs + totalMs + settleMs
      const { untilMs = atMs + judgeWithinMs, atMs: before = atMs } = state.pending.look ?? {}
      state.pending.look = { atMs: isLong ? atMs : before, untilMs }
    },
    advance(nowMs) {
      for (const { subject, state } of nodes.all())
        if (state.pending?.look !== undefined && nowMs >= state.pending.look.atMs)
          judge(subject.name, state, state.pending, state.pending.look, nowMs)
    },
  }

  function judge(node: string, state: NodeState, { fromMs }: Pending, look: Look, nowMs: number): void {
    const recent = answers.during(node, fromMs - lookBackMs, nowMs)
    const silences = [...Map.groupBy(recent, ({ check }) => check)].flatMap(([check, own]) =>
      silencesOf(own, usualMs(node, check), Math.max(fromMs, state.judgedMs)).filter(
        (silence) => lengthOf(silence) >= quickMs,
      ),
    )
    const quick = recent.filter((each) => isQuick(node, each))
    const endMs = Math.max(fromMs, greatest(silences.map(({ toMs }) => toMs)))
    if (!quick.some(({ startMs }) => startMs >= endMs) && nowMs < look.untilMs) {
      look.atMs = nowMs + secondMs
      return
    }
    state.pending = undefined
    state.judgedMs = endMs
    for (const group of grouped(silences, quick)) report(nodeSilence(node, group, recent))
  }

  function report(silence: NodeSilence): void {
    const { node, fromMs, lengthMs, probes } = silence
    if (probes.length >= 2 && lengthMs >= leastStallMs)
      emit({ kind: 'stall', atMs: fromMs, target: node, lengthMs, probes: probes.length })
    onSilence(silence)
  }
}

function grouped(silences: readonly Silence[], quick: readonly RecentAnswer[]): Silence[][] {
  const groups: Silence[][] = []
  let untilMs = Number.NEGATIVE_INFINITY
  for (const silence of silences.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const { fromMs, toMs } = silence
    const isNew = quick.some(({ startMs, endMs }) => startMs >= untilMs && endMs <= fromMs)
    if (groups.length === 0 || isNew) groups.push([silence])
    else groups.at(-1)?.push(silence)
    untilMs = Math.max(untilMs, toMs)
  }
  return groups
}

function nodeSilence(node: string, group: readonly Silence[], recent: readonly RecentAnswer[]): NodeSilence {
  const longest = group.reduce((most, each) => (lengthOf(each) > lengthOf(most) ? each : most))
  // What a slow start leaves behind is slow as well, but far shorter.
  const main = group.filter((each) => lengthOf(each) >= lengthOf(longest) / 2)
  const toMs = least(main.filter((each) => overlaps(each, longest)).map((each) => each.toMs))
  const own = main.filter((each) => overlaps(each, longest))
  const fromMs = least(own.map((each) => each.fromMs))
  return {
    node,
    check: longest.check,
    fromMs,
    toMs,
    lengthMs: Math.min(toMs, longest.seenToMs) - fromMs - latenessOf(longest),
    probes: [...new Set(group.filter((each) => overlaps(each, longest)).flatMap(({ probes }) => probes))],
    repeated: main.length - own.length,
    recent: recent.filter(({ endMs }) => endMs >= fromMs - settleMs),
  }
}

const overlaps = (a: Silence, b: Silence): boolean => a.fromMs < b.toMs && a.toMs > b.fromMs

const lengthOf = (silence: Silence): number => silence.seenToMs - silence.fromMs - latenessOf(silence)

/** How much of it may be our own lateness, in milliseconds. */
const latenessOf = ({ probes }: Silence): number =>
  greatest(probes.map(({ outcome }) => outcome?.latenessMs ?? 0))
