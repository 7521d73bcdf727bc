/**
 * Errors of a balancer that used a connection again which the node had closed. A single one looks like any lone error of
 * the balancer's own: a 502 at once while every node is fine. What tells them apart is when they come: again and again after
 * a time without requests, in which connections lie idle, and hardly ever while one request follows the other.
 *
 *   requests  o     o     x o o o     o     x o o o     x: a 502 at once; what counts is the idle time before it
 */
import { dayMs } from '../../runtime/duration.ts'
import type { KeptError, OpenError } from './open_errors.ts'

/** A balancer that used a dead connection knows within so many milliseconds: it waits for no node. */
const atOnceMs = 200
/** So many idle connections, at most, fail one after the other, before a new one is opened. */
const longestRun = 3
/** A request is the first after an idle time when none was sent for so many milliseconds. */
const idleMs = 1000
/** The third such error is enough, unless there are as many without an idle time as a quarter of them. */
const enough = { repeats: 3, share: 4 }
const most = 64

/** What makes an error page for an application that it runs, and has no connections to a node. */
const noBalancer = /^(unknown|iis-kernel|iis-worker|ancm-.*)$/

/** An error that a dead connection explains as well as a fault of the balancer's own does. */
export const isLone = ({ error, runLength }: OpenError): boolean =>
  error.status === 502 &&
  (error.firstByteMs ?? error.totalMs) <= atOnceMs &&
  runLength <= longestRun &&
  !noBalancer.test(error.origin ?? 'unknown')

/** Runs of lone errors while every node was fine, with the idle time before each. */
export type LoneErrors = readonly { readonly run: string; readonly atMs: number; readonly idleMs: number }[]

/** Whether such errors, this one included, keep coming after idle times. */
export function isRepeated(known: LoneErrors, open: OpenError): boolean {
  const lately = withLone(known, open)
  const afterIdle = lately.filter((each) => each.idleMs >= idleMs).length
  return (
    open.idleMs >= idleMs &&
    afterIdle >= enough.repeats &&
    afterIdle >= enough.share * (lately.length - afterIdle)
  )
}

/** With one more; those of a run are one, and what is older than a day is left out. */
export function withLone(known: LoneErrors, { error, run, idleMs }: OpenError): [...LoneErrors] {
  const others = known.filter((each) => each.run !== run && sinceMs(error, each) < dayMs)
  return [...others, { run, atMs: error.startedMs, idleMs }].slice(-most)
}

const sinceMs = ({ startedMs }: KeptError, { atMs }: LoneErrors[number]): number => startedMs - atMs
