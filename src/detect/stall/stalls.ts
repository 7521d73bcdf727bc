/**
 * Stalls of a node: spans in which it answered nobody, whatever the cause. They are seen, not guessed: at least two
 * probes were owed an answer and none came.
 */
import { minuteMs, secondMs } from '../../runtime/duration.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector, Emit } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import type { RecentAnswer, RecentAnswers } from '../recent_answers.ts'
import { fieldsOf, listOf, type Of, optional, text, time } from '../shape.ts'
import { hasAnswered, responseOf, type Silence, silencesOf } from './silences.ts'
import { noteStreak, streak, withForgotten } from './streaks.ts'

/** Probes that waited for the same moment are answered within this time of it. */
const settleMs = 1500
/** Silences are judged once the node is quick again, at the latest this long after the first of them was seen. */
const judgeWithinMs = minuteMs
/** How far back the last answer before a silence is looked for. */
const lookBackMs = 10 * minuteMs
/** Shorter waits are quick on any page, and so much longer than usual is as usual. */
export const quickMs = 250
/** Who waited so much longer than usual was owed an answer. */
const owedMs = 50
/** Shorter stalls are not reported: users take them for a slow page. */
const leastStallMs = 500

const nodeState = fieldsOf({
  /** Waits and failures that are not judged yet. */
  pending: optional(
    fieldsOf({
      fromMs: time,
      checks: listOf(text),
      streaks: listOf(streak),
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
  /** When it surely went on, however late our own loop may have made its probes. */
  readonly sureFromMs: number
  readonly seenToMs: number
  /** As far as it was seen, in milliseconds. */
  readonly lengthMs: number
  /** Every probe that waited, failed or was given up, as far as it is remembered. */
  readonly probes: readonly RecentAnswer[]
  /** How many failed before them and are no longer remembered. */
  readonly forgotten: number
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
  /** What takes longer had to wait. */
  const waitedFromMs = (node: string, check: string) => Math.max(quickMs, baselines.usualMs(node, check))
  const isQuick = (node: string, each: RecentAnswer) =>
    hasAnswered(each) && each.waitMs <= waitedFromMs(node, each.check)
  return {
    ...nodes,
    observe({ outcome, node }) {
      const state = node && nodes.get(node.target.name)
      const response = responseOf(outcome)
      if (state === undefined || response === 'unknown') return
      const { startedMs, totalMs, check } = outcome
      const answered = response === 'answer'
      const isLong = totalMs > waitedFromMs(node?.target.name ?? '', check)
      if (!answered || isLong) {
        const { fromMs = startedMs, checks = [], streaks = [], look } = state.pending ?? {}
        if (!checks.includes(check)) checks.push(check)
        state.pending = { fromMs: Math.min(fromMs, startedMs), checks, streaks, look }
      }
      if (state.pending === undefined || !state.pending.checks.includes(check)) return
      noteStreak(state.pending.streaks, check, answered, outcome)
      if (!answered) return
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

  function judge(
    node: string,
    state: NodeState,
    { fromMs, streaks }: Pending,
    look: Look,
    nowMs: number,
  ): void {
    const recent = answers.during(node, fromMs - lookBackMs, nowMs)
    const owedAfterMs = ({ check }: RecentAnswer) => owedMs + baselines.usualMs(node, check)
    const sinceMs = Math.max(fromMs, state.judgedMs)
    const silences = [...Map.groupBy(recent, ({ check }) => check).values()].flatMap((own) =>
      silencesOf(own, owedAfterMs, sinceMs)
        .map((silence) => withForgotten(silence, streaks))
        .filter((silence) => lengthOf(silence) >= quickMs),
    )
    const quick = recent.filter((each) => isQuick(node, each))
    const endMs = Math.max(fromMs, greatest(silences.map(({ toMs }) => toMs)))
    if (!quick.some(({ startMs }) => startMs >= endMs) && nowMs < look.untilMs) {
      look.atMs = nowMs + secondMs
      return
    }
    state.pending = stillSilent(streaks)
    state.judgedMs = endMs
    const longest = grouped(silences, quick).map((group) => nodeSilence(node, group, recent))
    // One stall may follow another without a quick answer between them, as in bad weather.
    const all = [...longest, ...silencesOf(recent, owedAfterMs, sinceMs)]
    for (const { atMs, lengthMs, count } of stallsAmong(node, all, quick))
      emit({ kind: 'stall', atMs, target: node, lengthMs, probes: count })
    for (const silence of longest) onSilence(silence)
  }

  /**
   * Which silences were stalls: of several that overlap, the first in the list. A probe that waited in one and was released late
   * does not make another.
   */
  function stallsAmong(node: string, silences: readonly Silence[], quick: readonly RecentAnswer[]) {
    const isOverdue = ({ check, waitMs }: RecentAnswer) => {
      const usualMs = baselines.usualMs(node, check)
      return usualMs > 0 && waitMs > usualMs + quickMs
    }
    const found: (Silence & { atMs: number; lengthMs: number; count: number })[] = []
    for (const silence of silences) {
      const { fromMs, toMs, sureFromMs, seenToMs, probes, forgotten } = silence
      const fresh = probes.filter((probe) => !found.some((each) => each.probes.includes(probe)))
      const count = fresh.length + forgotten
      if (count < 2 || found.some((each) => overlaps(each, silence))) continue
      const hasFailed = !probes.every(hasAnswered)
      if (!hasFailed && !probes.some(isOverdue)) continue
      // A quick answer of another check meanwhile shows that it was a page that took long.
      const overtaking = quick.filter(({ startMs, endMs }) => startMs >= fromMs && endMs < toMs)
      const atMs = hasFailed
        ? sureFromMs
        : Math.max(sureFromMs, greatest(overtaking.map(({ endMs }) => endMs)))
      const lengthMs = Math.min(toMs, seenToMs) - atMs
      if (lengthMs >= leastStallMs) found.push({ ...silence, atMs, lengthMs, count })
    }
    return found.sort((a, b) => a.atMs - b.atMs)
  }
}

/** What is not judged yet because it goes on: another check of the node may have been answered. */
function stillSilent(streaks: Pending['streaks']): Pending | undefined {
  const open = streaks.filter(({ toMs }) => toMs === undefined)
  if (open.length === 0) return undefined
  const fromMs = least(open.map((each) => each.fromMs))
  return { fromMs, checks: open.map(({ check }) => check), streaks: open, look: undefined }
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
  const met = group.filter((each) => overlaps(each, longest))
  // What a slow start leaves behind is slow as well, but far shorter.
  const main = group.filter((each) => lengthOf(each) >= lengthOf(longest) / 2)
  const own = main.filter((each) => overlaps(each, longest))
  // A slow page takes its time once it is let go, while others are answered.
  const toMs = least(met.filter((each) => lengthOf(each) >= lengthOf(longest) / 4).map((each) => each.toMs))
  const probes = [...new Set(met.flatMap((each) => each.probes))]
  const fromMs = least(own.map((each) => each.fromMs))
  const sureFromMs = least(own.map((each) => each.sureFromMs))
  const seenToMs = Math.min(toMs, longest.seenToMs)
  return {
    node,
    check: longest.check,
    fromMs,
    sureFromMs,
    toMs,
    seenToMs,
    lengthMs: seenToMs - sureFromMs,
    probes,
    forgotten: met.reduce((sum, { forgotten }) => sum + forgotten, 0),
    repeated: main.length - own.length,
    recent: recent.filter(({ endMs }) => endMs >= fromMs - settleMs),
  }
}

const overlaps = (a: Silence, b: Silence): boolean => a.fromMs < b.toMs && a.toMs > b.fromMs

/** As far as it was seen, however late our own loop was. */
const lengthOf = ({ sureFromMs, seenToMs }: Silence): number => seenToMs - sureFromMs
