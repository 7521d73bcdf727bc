/** The habits of a farm: when its nodes recycle again and again, and after how long a quiet time. */

import { habits } from '../../model/event.ts'
import { seriesKey } from '../../model/outcome.ts'
import { minuteMs, secondMs } from '../../runtime/duration.ts'
import { greatest } from '../../runtime/extremes.ts'
import type { Detector, Emit } from '../detector.ts'
import { byNode, byNodeSeries, createMemories, createMemory, joined, wholly } from '../memories.ts'
import { fieldsOf, flag, listOf, number, type Of, oneOf, optional, text, time } from '../shape.ts'
import type { Recycles } from './recycles.ts'
import { leastQuietMs, pastRecycle, type Regularity, regularityOf, together, wasDue } from './regularities.ts'

/** Recycles of each node, and moments at which several recycled, that are remembered. */
const remembered = 24
/** Recycles of several nodes are compared once all of them can have been detected. */
const compareAfterMs = 90 * secondMs
/** Recycles in the same second are detected up to a probe's interval apart. */
const sameMomentMs = 6 * secondMs
/** A recycle within this time of the end of a quiet time was caused by it. */
const sameWakingMs = 5 * secondMs

const nodeHabits = fieldsOf({
  /** The oldest first. */
  past: listOf(pastRecycle),
  /** The longest quiet time after which the same worker still answered, in milliseconds. */
  survivedMs: number,
  /** It has been reported to recycle together with others. */
  inStep: flag,
  /** The last sentence reported, by habit. */
  reported: listOf(fieldsOf({ habit: oneOf(habits), sentence: text })),
})

/** When farmprobe did not ask for a check of a node for long: a pool may idle out meanwhile. */
const quietTimes = fieldsOf({
  /** When the newest probe started. */
  newestMs: optional(time),
  /** The last long quiet time: when the probe that ended it started, and how long it was. */
  ended: optional(fieldsOf({ atMs: time, lengthMs: number })),
})

const farmHabits = fieldsOf({
  /** When the newest recycles of the nodes are compared. */
  compareAtMs: optional(time),
  /** The moments at which several nodes recycled. */
  joint: listOf(fieldsOf({ atMs: time, targets: listOf(text) })),
})

type NodeHabits = Of<typeof nodeHabits>
type QuietTimes = Of<typeof quietTimes>

export interface Habits extends Detector {
  /** Whether the newest recycle of a node came when its timer or schedule made one expect it. */
  wasDue(node: string): boolean
}

export function createHabits(emit: Emit, recycles: Recycles): Habits {
  const nodes = createMemories(byNode, wholly(nodeHabits))
  const quiets = createMemories(byNodeSeries, wholly(quietTimes))
  const farm = createMemory(farmHabits)

  function noteRecycle(target: string, atMs: number): void {
    const node = nodes.get(target)
    if (node === undefined) return
    const check = recycles.of(target).at(-1)?.check ?? ''
    node.past.push({ atMs, quietMs: quietBefore(quiets.get(seriesKey(target, check)), atMs) })
    node.past = node.past.sort((a, b) => a.atMs - b.atMs).slice(-remembered)
    farm.state.compareAtMs ??= atMs + compareAfterMs
    const found = regularityOf(target, node.past, node.survivedMs)
    if (found !== undefined && isNews(node, found)) emit({ kind: 'habit', atMs, ...found })
  }

  /** Some nodes recycle together: that shows only once the recycles of all can have been detected. */
  function compare(nowMs: number): void {
    farm.state.compareAtMs = undefined
    const newest = newestJoint([...nodes.all()].map(({ subject, state }) => [subject.name, state]))
    if (newest === undefined) return
    const before = farm.state.joint.findLast(({ atMs }) => atMs < newest.atMs - minuteMs)
    farm.state.joint = [...farm.state.joint, newest].slice(-remembered)
    const again = newest.targets.filter((target) => before?.targets.includes(target))
    const found = again.flatMap((target) => nodes.get(target) ?? [])
    if (found.length < 2 || found.every(({ inStep }) => inStep)) return
    for (const node of found) node.inStep = true
    const inStep = [...nodes.all()].filter(({ state }) => state.inStep).map(({ subject }) => subject.name)
    emit({ kind: 'habit', atMs: nowMs, ...together(inStep.sort()) })
  }

  return {
    ...joined({ nodes, quiets, farm }),
    observe({ outcome, manner, series }) {
      const { target, startedMs } = outcome
      const quiet = quiets.get(series.key)
      const quietMs = quiet && noteAsked(quiet, startedMs)
      const node = nodes.get(target)
      if (quietMs === undefined || manner !== 'quick' || node === undefined) return
      const stayed = node.past.every(({ atMs }) => !areSameWaking(atMs, startedMs))
      if (stayed) node.survivedMs = Math.max(node.survivedMs, quietMs)
    },
    onEvent(event) {
      if (event.kind === 'recycle') noteRecycle(event.target, event.atMs)
    },
    advance(nowMs) {
      if (nowMs >= (farm.state.compareAtMs ?? Number.POSITIVE_INFINITY)) compare(nowMs)
    },
    wasDue: (node) => wasDue(nodes.get(node)?.past ?? []),
  }
}

/** Takes note of a probe; the length of the long quiet time that it ended, or undefined. */
function noteAsked(quiet: QuietTimes, startedMs: number): number | undefined {
  const { newestMs = startedMs } = quiet
  quiet.newestMs = Math.max(newestMs, startedMs)
  const lengthMs = startedMs - newestMs
  if (lengthMs < leastQuietMs) return undefined
  quiet.ended = { atMs: startedMs, lengthMs }
  return lengthMs
}

/** How long it had been quiet before something that happened at `atMs`, noted or not yet; 0 when it was not. */
function quietBefore(quiet: QuietTimes | undefined, atMs: number): number {
  const { newestMs, ended } = quiet ?? quietTimes.empty()
  const sinceMs = atMs - (newestMs ?? atMs)
  if (sinceMs >= leastQuietMs) return sinceMs
  return ended !== undefined && areSameWaking(ended.atMs, atMs) ? ended.lengthMs : 0
}

const areSameWaking = (aMs: number, bMs: number): boolean => Math.abs(aMs - bMs) < sameWakingMs

function newestJoint(
  nodes: readonly (readonly [string, NodeHabits])[],
): Of<typeof farmHabits>['joint'][number] | undefined {
  const newest = nodes.flatMap(([name, { past }]) => past.slice(-1).map(({ atMs }) => ({ name, atMs })))
  const atMs = greatest(newest.map((each) => each.atMs))
  const targets = newest.filter((each) => atMs - each.atMs <= sameMomentMs).map(({ name }) => name)
  return targets.length < 2 ? undefined : { atMs, targets: targets.sort() }
}

function isNews(node: NodeHabits, { habit, sentence }: Regularity): boolean {
  if (node.reported.some((last) => last.habit === habit && last.sentence === sentence)) return false
  node.reported = [...node.reported.filter((last) => last.habit !== habit), { habit, sentence }]
  return true
}
