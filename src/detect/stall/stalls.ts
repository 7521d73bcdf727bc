/**
 * Stalls of a node: spans in which it answered nobody, whatever the cause. They are seen, not guessed: at least two
 * probes were owed an answer and none came.
 */
import type { Outcome } from '../../model/outcome.ts'
import { minuteMs, secondMs } from '../../runtime/duration.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector, Emit } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import type { RecentAnswer, RecentAnswers } from '../recent_answers.ts'
import { fieldsOf, listOf, number, type Of, optional, text, time } from '../shape.ts'
import { hasAnswered, responseOf, type Silence, silencesOf } from './silences.ts'

/** Probes that waited for the same moment are answered within this time of it. */
const settleMs = 1500
/** Silences are judged once the node is quick again, at the latest this long after the first of them was seen. */
const judgeWithinMs = minuteMs
/** How far back the last answer before a silence is looked for. */
const lookBackMs = 10 * minuteMs
/** Shorter waits are quick on any page. */
export const quickMs = 250
/** Memory is bounded, however often a node fails and answers before it is judged. */
const mostStreaks = 16
/** Shorter stalls are not reported: users take them for a slow page. */
const leastStallMs = 500

/** Failures of one check without an answer between them: there may be more than are remembered one by one. */
const streak = fieldsOf({ check: text, fromMs: time, failures: number, toMs: optional(time) })

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
  /** As far as it was seen, in milliseconds. */
  readonly lengthMs: number
  /** Every probe that waited, failed or was given up, as far as it is remembered. */
  readonly probes: readonly RecentAnswer[]
  /** How many there were. */
  readonly count: number
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
    const silences = [...Map.groupBy(recent, ({ check }) => check)].flatMap(([check, own]) =>
      silencesOf(own, waitedFromMs(node, check), Math.max(fromMs, state.judgedMs))
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
    for (const group of grouped(silences, quick)) report(nodeSilence(node, group, recent))
  }

  function report(silence: NodeSilence): void {
    const { node, fromMs, lengthMs, count } = silence
    if (count >= 2 && lengthMs >= leastStallMs)
      emit({ kind: 'stall', atMs: fromMs, target: node, lengthMs, probes: count })
    onSilence(silence)
  }
}

/** Takes in whether a probe of a check was answered: an answer ends its streak of failures. */
function noteStreak(
  streaks: Pending['streaks'],
  check: string,
  answered: boolean,
  { startedMs, totalMs }: Outcome,
): void {
  const open = streaks.find((each) => each.check === check && each.toMs === undefined)
  if (answered) {
    if (open !== undefined) open.toMs = startedMs + totalMs
  } else if (open !== undefined) {
    open.failures++
    open.fromMs = Math.min(open.fromMs, startedMs)
  } else {
    streaks.push({ check, fromMs: startedMs, failures: 1, toMs: undefined })
    if (streaks.length > mostStreaks) streaks.shift()
  }
}

/** What is not judged yet because it goes on: another check of the node may have been answered. */
function stillSilent(streaks: Pending['streaks']): Pending | undefined {
  const open = streaks.filter(({ toMs }) => toMs === undefined)
  if (open.length === 0) return undefined
  const fromMs = least(open.map((each) => each.fromMs))
  return { fromMs, checks: open.map(({ check }) => check), streaks: open, look: undefined }
}

/** A silence with the failures before those that are remembered. */
function withForgotten(silence: Silence, streaks: Pending['streaks']): Silence {
  const { check, fromMs, toMs, probes } = silence
  const streak = streaks.find(
    (each) => each.check === check && Math.abs((each.toMs ?? 0) - toMs) < settleMs && each.fromMs < fromMs,
  )
  if (streak === undefined) return silence
  const remembered = probes.filter((each) => !hasAnswered(each)).length
  return { ...silence, fromMs: streak.fromMs, forgotten: Math.max(0, streak.failures - remembered) }
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
  const own = main.filter((each) => overlaps(each, longest))
  const toMs = least(own.map((each) => each.toMs))
  const met = group.filter((each) => overlaps(each, longest))
  const probes = [...new Set(met.flatMap((each) => each.probes))]
  const fromMs = least(own.map((each) => each.fromMs))
  return {
    node,
    check: longest.check,
    fromMs,
    toMs,
    lengthMs: Math.min(toMs, longest.seenToMs) - fromMs - latenessOf(longest),
    probes,
    count: met.reduce((sum, { forgotten }) => sum + forgotten, probes.length),
    repeated: main.length - own.length,
    recent: recent.filter(({ endMs }) => endMs >= fromMs - settleMs),
  }
}

const overlaps = (a: Silence, b: Silence): boolean => a.fromMs < b.toMs && a.toMs > b.fromMs

const lengthOf = (silence: Silence): number => silence.seenToMs - silence.fromMs - latenessOf(silence)

/** How much of it may be our own lateness, in milliseconds. */
const latenessOf = ({ probes }: Silence): number =>
  greatest(probes.map(({ outcome }) => outcome?.latenessMs ?? 0))
