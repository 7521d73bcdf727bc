/**
 * The recent past of each node over all its checks, for questions asked later: what was it doing while that answer
 * hung, or while the balancer gave an error? A ring of columns, since it is written at every probe and seldom read.
 */
import { endedMs, type Outcome, type Reason } from '../model/outcome.ts'
import type { Detector } from './detector.ts'
import { byNode, createMemories } from './memories.ts'
import { type Manner, manners } from './sample.ts'

const capacity = 128
/** A ring begins with room for so many, since most nodes have few checks. */
const first = 8

/** How a node answered one probe, or failed to. */
export interface RecentAnswer {
  /** Wall milliseconds, as `endMs`. */
  readonly startMs: number
  readonly endMs: number
  /** Time to first byte, or the whole time when there was none, in milliseconds, less what may be our own lateness. */
  readonly waitMs: number
  readonly manner: Manner
  readonly check: string
  readonly identity: string | undefined
  /** Only of what was not quick. */
  readonly outcome: Outcome | undefined
}

/** Whether an answer came at all. */
export const isAnswered = ({ manner }: RecentAnswer): boolean => manner === 'quick' || manner === 'slow'

/** Whether the request waited far longer than usual. */
export const isLong = ({ manner }: RecentAnswer): boolean => manner === 'slow' || manner === 'hung'

const breaks: ReadonlySet<Reason> = new Set(['refused', 'reset', 'closed'])

/** Whether a worker, or something on the way, broke the connection off or took none. */
export const isBroken = ({ outcome }: RecentAnswer): boolean =>
  outcome !== undefined && breaks.has(outcome.reason)

/** Start, end and wait in milliseconds, and the place of the manner: one array for all, since each costs 300 bytes. */
const width = 4

const createRing = () => ({
  numbers: new Float64Array(width * first),
  check: [] as string[],
  /** By place; most nodes tell none, and most answers are quick. */
  identity: undefined as (string | undefined)[] | undefined,
  outcome: undefined as (Outcome | undefined)[] | undefined,
  count: 0,
  next: 0,
})

type Ring = ReturnType<typeof createRing>

export interface RecentAnswers extends Detector {
  /** The answers of a node that overlap a span of time, the newest arrival first. */
  during(node: string, fromMs: number, toMs: number): RecentAnswer[]
}

export function createRecentAnswers(): RecentAnswers {
  const rings = createMemories(byNode, {
    empty: createRing,
    // Probes in flight at a restart never come back, and answers with gaps would mislead.
    save: () => undefined,
    restore: (ring) => ring,
    shifted: (ring, byMs) => ({
      ...ring,
      numbers: ring.numbers.map((each, place) => (place % width < 2 ? each - byMs : each)),
    }),
  })
  return {
    ...rings,
    observe({ outcome, manner, node }) {
      const ring = node && rings.get(node.target.name)
      if (ring !== undefined && manner !== undefined) add(ring, outcome, manner)
    },
    during(node, fromMs, toMs) {
      const ring = rings.get(node)
      return ring === undefined ? [] : overlapping(ring, fromMs, toMs)
    },
  }
}

function add(ring: Ring, outcome: Outcome, manner: Manner): void {
  const at = ring.next
  if (width * at === ring.numbers.length) {
    const { numbers } = ring
    ring.numbers = new Float64Array(2 * numbers.length)
    ring.numbers.set(numbers)
  }
  const place = width * at
  ring.numbers[place] = outcome.startedMs
  ring.numbers[place + 1] = endedMs(outcome)
  ring.numbers[place + 2] = (outcome.firstByteMs ?? outcome.totalMs) - outcome.latenessMs
  ring.numbers[place + 3] = manners.indexOf(manner)
  ring.check[at] = outcome.check
  if (outcome.identity !== undefined) ring.identity ??= []
  if (ring.identity) ring.identity[at] = outcome.identity
  if (manner !== 'quick') ring.outcome ??= []
  if (ring.outcome) ring.outcome[at] = manner === 'quick' ? undefined : outcome
  ring.next = (at + 1) % capacity
  if (ring.count < capacity) ring.count++
}

function overlapping({ numbers, ...ring }: Ring, fromMs: number, toMs: number): RecentAnswer[] {
  const found: RecentAnswer[] = []
  for (let back = 1; back <= ring.count; back++) {
    const at = (ring.next - back + capacity) % capacity
    const place = width * at
    const startMs = numbers[place] as number
    const endMs = numbers[place + 1] as number
    if (startMs > toMs || endMs < fromMs) continue
    found.push({
      startMs,
      endMs,
      waitMs: numbers[place + 2] as number,
      manner: manners[numbers[place + 3] as number] as Manner,
      check: ring.check[at] as string,
      identity: ring.identity?.[at],
      outcome: ring.outcome?.[at],
    })
  }
  return found
}
