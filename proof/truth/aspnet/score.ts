/** What is scored of one farm of the proof. */
import type { FarmEvent, FirstRequest } from '../../../src/model/event.ts'
import { isIn } from '../pairing.ts'
import { type BlameScore, scoreBlame } from '../score_blame.ts'
import { type RecycleScore, scoreRecycles, stamp } from '../score_recycles.ts'
import type { Scorable } from '../watching.ts'
import type { FirstOfFarm } from './farm_truth.ts'

export interface LoggedFirstScore {
  /** New workers that a probe of the farm's own was sent to, directly, as the first of them. */
  readonly due: number
  readonly told: number
  /** How far the time told is from the node's own log of that very request, as a share of it. */
  readonly off: readonly number[]
  readonly notes: readonly string[]
}

export interface AspnetScore {
  readonly recycles: RecycleScore
  readonly firsts: LoggedFirstScore
  readonly blame: BlameScore
}

/** Probe and node date a request by the same clock: the one when it was begun, the other when it was read. */
const sameMs = 300

export const scoreAspnet = (watched: Scorable, firsts: readonly FirstOfFarm[]): AspnetScore => ({
  recycles: scoreRecycles(watched),
  firsts: scoreLoggedFirsts(watched, firsts),
  blame: scoreBlame(watched),
})

function scoreLoggedFirsts(watched: Scorable, firsts: readonly FirstOfFarm[]): LoggedFirstScore {
  const { events, scored } = watched
  const due = firsts.filter(({ line }) => scored === undefined || isIn(scored, line.atMs))
  const told = due.map((first) => events.filter(isFirstRequest).find((event) => isOf(event, first)))
  const off = due.flatMap(({ line }, index) => {
    const event = told[index]
    return event === undefined ? [] : [Math.abs(event.firstByteMs - line.tookMs) / line.tookMs]
  })
  return {
    due: due.length,
    told: off.length,
    off,
    notes: due.flatMap(({ node, line }, index) => {
      const event = told[index]
      const near = event !== undefined && Math.abs(event.firstByteMs - line.tookMs) <= 0.1 * line.tookMs
      if (near) return []
      const said = event === undefined ? 'not told' : `told as ${Math.round(event.firstByteMs)} ms`
      return [`${stamp(watched, line.atMs)} ${node}: first request of ${Math.round(line.tookMs)} ms ${said}`]
    }),
  }
}

const isFirstRequest = (event: FarmEvent): event is FirstRequest => event.kind === 'first_request'

const isOf = ({ target, atMs }: FirstRequest, { node, line }: FirstOfFarm): boolean =>
  target === node && Math.abs(atMs - line.atMs) < sameMs
