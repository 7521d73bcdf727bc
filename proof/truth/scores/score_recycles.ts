/** How well recycles were found, in a form that adds up over farms. */
import type { FarmEvent, Recycle } from '../../../src/model/event.ts'
import type { TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import type { Scorable } from '../simulated/watch_farm.ts'
import { matchRecycles, type RealRecycle } from './match_recycles.ts'
import { scoredWindow } from './scored_window.ts'
import { blamelessTimes } from './trouble_windows.ts'
import { isIn } from './windows.ts'

export interface RecycleScore {
  /** All that happened, and those of them that were reported. */
  readonly real: number
  readonly found: number
  /** Those that must be found: with identity all; without, those whose first request was slow enough (`costly`). */
  readonly due: number
  readonly dueFound: number
  /** Due, not found, and no probe met enough of it: with these probes no observer could know. */
  readonly traceless: number
  readonly reported: number
  readonly wrong: number
  /** Wrong, but something happened at that moment that looks the same from outside. */
  readonly alike: number
  /** Wrong, and of a time when the prober stood still or the network was bad. */
  readonly blameless: number
  readonly notes: readonly string[]
}

/** A garbage collection keeps requests waiting for as long as this. */
const aPauseMs = 1000

/** A recycle must be found when its first request takes this many times the p99 of the warm answers. */
const costly = 4

export function scoreRecycles(watched: Scorable): RecycleScore {
  const { scenario, truth, events } = watched
  const span = scoredWindow(watched)
  const all = events.filter(isRecycle)
  const matched = matchRecycles(truth, all, scenario)
  const real = matched.real.filter(({ atMs }) => isIn(span, atMs))
  const wrong = matched.wrong.filter(({ atMs }) => isIn(span, atMs))
  const due = real.filter((each) => isDue(watched, each))
  const missed = due.filter(({ reported }) => reported.length === 0)
  const traceless = missed.filter((each) => !hasTrace(watched, each))
  const blameless = blamelessTimes(truth)
  const alike = wrong.filter((each) => looksAlike(truth, each))
  return {
    real: real.length,
    found: real.filter(({ reported }) => reported.length > 0).length,
    due: due.length,
    dueFound: due.length - missed.length,
    traceless: traceless.length,
    reported: real.reduce((sum, { reported }) => sum + reported.length, 0) + wrong.length,
    wrong: wrong.length,
    alike: alike.length,
    blameless: wrong.filter(({ atMs }) => blameless.some((window) => isIn(window, atMs))).length,
    notes: [
      ...missed.map((each) => missedNote(watched, each, traceless.includes(each))),
      ...wrong.map((each) => wrongNote(watched, each, alike.includes(each))),
    ],
  }
}

const isRecycle = (event: FarmEvent): event is Recycle => event.kind === 'recycle'

function isDue(watched: Scorable, recycle: RealRecycle): boolean {
  return watched.scenario.identity || costMs(recycle) >= costly * warmP99(watched, recycle)
}

/** How long its slowest first request took, whoever sent it. */
const costMs = ({ firstRequests }: RealRecycle): number => Math.max(0, ...firstRequests.map(({ ms }) => ms))

/** The p99 of warm answers; of the quickest check that asks for this application. */
function warmP99({ scenario, record }: Scorable, { node }: RealRecycle): number {
  const times = scenario.checks.map(({ name }) => record.warmTimes.quantileMs(node, name, 0.99))
  return Math.min(...times.filter((ms) => ms !== undefined))
}

/** With identity: a probe was answered by a new worker. Without: a probe had to wait for it for long enough. */
function hasTrace(watched: Scorable, recycle: RealRecycle): boolean {
  const { record, scenario } = watched
  if (scenario.identity) return recycle.workers.some(({ token }) => record.tokens.has(token))
  return metMs(watched, recycle) >= Math.max(aPauseMs, costly * warmP99(watched, recycle))
}

/** The longest that a probe had to wait for it. */
function metMs({ record }: Scorable, { firstRequests }: RealRecycle): number {
  const waits = record.coldWaits.filter(({ truth }) => firstRequests.includes(truth))
  return Math.max(0, ...waits.map(({ longestMs }) => longestMs))
}

/** A suspended worker that resumes, and a path that is compiled, keep requests waiting as a new worker does. */
function looksAlike(truth: readonly TruthEvent[], { target, atMs }: Recycle): boolean {
  return truth.some(
    (event) =>
      event.kind === 'first_request' &&
      event.of !== 'worker' &&
      event.node === target &&
      Math.abs(event.atMs - atMs) < event.ms + 1000,
  )
}

function missedNote(watched: Scorable, recycle: RealRecycle, traceless: boolean): string {
  const { node, atMs, workers } = recycle
  const cost = Math.round(costMs(recycle))
  const met = Math.round(metMs(watched, recycle))
  const why = `, of which a probe met ${met} ms${traceless ? ' (too little to know)' : ''}`
  return `${stamp(watched, atMs)} ${node}: missed, ${workers[0]?.cause} recycle whose first request took ${cost} ms${why}`
}

function wrongNote(watched: Scorable, { target, atMs, evidence }: Recycle, alike: boolean): string {
  return `${stamp(watched, atMs)} ${target}: reported a recycle by ${evidence} that was none${alike ? ' (but alike)' : ''}`
}

/** Where to look: scenario, seed (simulated farms have one), and seconds since the start. */
export const stamp = ({ scenario, seed, startMs }: Scorable, atMs: number): string =>
  [
    scenario.name,
    ...(scenario.identity ? [] : ['[no identity]']),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    `+${((atMs - startMs) / 1000).toFixed(1)}s`,
  ].join(' ')
