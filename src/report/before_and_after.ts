/** What changed with each mark: the time before it held against the time after it. */
import type { FarmEvent } from '../model/event.ts'
import type { Mark, Span } from '../model/past.ts'
import { type Measured, type Period, periodOf, type ToldSpan, usualSizeIn } from './period.ts'

export interface MarkComparison {
  readonly atMs: number
  readonly text: string
  /** The node that the figures are of; absent: of the whole farm. */
  readonly node?: string
  /** From the mark before it, or the beginning, to this one; and on to the next one, or the end. */
  readonly before: Period
  readonly after: Period
  readonly badGatewaysPerDay: Change
  readonly recyclesPerDay: Change
  /** Milliseconds; absent when there were no first requests on one side. */
  readonly firstRequestP95Ms?: Change
}

/** Of more marks the newest are compared: each takes a look at all that happened. */
const mostMarks = 100

/** Compares at the newest marks, as far as they have watched time on both sides. */
export function compareMarks(
  marks: readonly Mark[],
  events: readonly FarmEvent[],
  span: ToldSpan,
  nodes: readonly string[],
  watchedMs: (span: Span) => number,
): MarkComparison[] {
  const placed = marks.map((mark) => ({ mark, node: mark.target ?? nodeNamedIn(mark.text, nodes) }))
  return placed.flatMap(({ mark, node }, index) => {
    if (index < placed.length - mostMarks) return []
    // A mark on another node changes nothing for this one.
    const touches = (other: { node: string | undefined }) => other.node === undefined || other.node === node
    const sinceMs = placed.slice(0, index).findLast(touches)?.mark.atMs ?? span.sinceMs
    const untilMs = placed.slice(index + 1).find(touches)?.mark.atMs ?? span.untilMs
    const usualSize = usualSizeIn(events, { sinceMs, untilMs }, node)
    const side = (part: Span) => periodOf(events, { ...span, ...part }, watchedMs(part), node, usualSize)
    const before = side({ sinceMs, untilMs: mark.atMs })
    const after = side({ sinceMs: mark.atMs, untilMs })
    if (before.watchedMs <= 0 || after.watchedMs <= 0) return []
    return [comparison(mark, node, before, after)]
  })
}

function comparison({ atMs, text }: Mark, node: string | undefined, before: Period, after: Period) {
  const [was, is] = [before.firstRequest?.p95Ms, after.firstRequest?.p95Ms]
  return {
    atMs,
    text,
    ...(node !== undefined && { node }),
    before,
    after,
    badGatewaysPerDay: change(before.badGatewaysPerDay, after.badGatewaysPerDay),
    recyclesPerDay: change(before.recyclesPerDay, after.recyclesPerDay),
    ...(was && is && { firstRequestP95Ms: change(was, is) }),
  }
}

/** The node that a mark speaks of, when it names exactly one: "set AlwaysRunning on web03". */
function nodeNamedIn(text: string, nodes: readonly string[]): string | undefined {
  const words = new Set(text.split(/[^\p{L}\p{N}._-]+/u).map((word) => word.replace(/[.]$/, '')))
  const named = nodes.filter((node) => words.has(node))
  return named.length === 1 ? named[0] : undefined
}

export type Change = ReturnType<typeof change>

/** `sure`: the 95 % intervals do not overlap, which is more than chance. */
function change(before: Measured, after: Measured) {
  const falls = after.high !== undefined && after.high < before.low
  const rises = before.high !== undefined && before.high < after.low
  return { before, after, sure: falls || rises }
}
