/**
 * Waits far beyond the usual of the whole farm, less what a warm answer takes. A start takes about as long every time, for
 * whichever page, and on every node alike; what is slow by nature is of any length.
 */
import { greatest } from '../../runtime/extremes.ts'
import type { Remembering } from '../detector.ts'
import { createMemory } from '../memories.ts'
import { fieldsOf, listOf, number, type Of, text } from '../shape.ts'

const remembered = 128
/** Alike are waits whose logarithms differ by about so much, and near those that differ by so much. */
const alikeSpread = 0.03
const nearSpread = 0.25
/** What is shorter than near, by up to a factor of five, leads up to a wait that is the limit of a heavy tail. */
const leadUpTo = Math.log(5)
/** As if there were so many near ones: a few that are alike may be chance. */
const prior = { alike: 0.06, near: 0.3 }
/** More evidence than this counts no more, and less than this is chance. */
const peak = { least: 1, most: 7 }

const longWait = fieldsOf({ check: text, excessMs: number })

export type LongWait = Of<typeof longWait>

/** How the length of a wait fits the others. */
export interface Likeness {
  /** How surely more of them are exactly as long than by chance: log-odds, 0 when none are. */
  readonly alike: number
  /** Whether one as long was of another check: 0 to 1. */
  readonly acrossChecks: number
}

export const nothingAlike: Likeness = { alike: 0, acrossChecks: 0 }

export interface AlikeWaits extends Remembering {
  add(wait: LongWait): LongWait
  /** How a wait fits the others, also those that came after it. */
  likenessOf(wait: LongWait): Likeness
}

export function createAlikeWaits(): AlikeWaits {
  const memory = createMemory(listOf(longWait))
  return {
    ...memory,
    add(wait) {
      memory.state = [...memory.state, wait].slice(-remembered)
      return wait
    },
    likenessOf: (wait) =>
      likenessOf(
        wait,
        memory.state.filter((each) => each !== wait),
      ),
  }
}

/** Whether one may make the other look more alike than it did. */
export const mayBeAlike = (a: LongWait, b: LongWait): boolean =>
  Math.abs(Math.log(a.excessMs / b.excessMs)) < 4 * alikeSpread

function likenessOf(wait: LongWait, others: readonly LongWait[]): Likeness {
  const distances = others.map((each) => Math.log(wait.excessMs / each.excessMs))
  const alike = distances.map((distance) => closeness(distance, alikeSpread))
  const count = sumOf(alike)
  const near = sumOf(distances.map((distance) => closeness(distance, nearSpread)))
  const expected = (alikeSpread / nearSpread) * near + prior.alike
  // The logarithm of how much likelier so many are when some process takes just as long.
  const surely = count < expected ? 0 : count * Math.log(count / expected) - (count - expected)
  const leading = distances.filter((distance) => distance > 2 * nearSpread && distance < leadUpTo).length
  const share = count / (near + leading + prior.near)
  const elsewhere = alike.filter((_, index) => others[index]?.check !== wait.check)
  return {
    alike: Math.max(0, Math.min(peak.most, surely) - peak.least) * share,
    acrossChecks: greatest([0, ...elsewhere]) * share,
  }
}

const closeness = (distance: number, spread: number): number => Math.exp(-((distance / spread) ** 2) / 2)

const sumOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0)
