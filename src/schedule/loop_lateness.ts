/**
 * How late this thread's event loop is. A beat every 10 ms, while anything is being probed, is late by as long as the
 * loop was blocked: by our own code, by garbage collection, or because the process got no processor.
 */
import { quantile } from '../history/quantile.ts'
import type { Clock } from '../runtime/clock.ts'
import type { LoopDelay } from './threads/prober_messages.ts'

const beatMs = 10
/** On a healthy loop a beat is late by up to this much: timers, and what else runs in the same turn. */
const usualMs = 5
const reportEveryMs = 1000
/**
 * A probe waits for the loop at most this often: for the name, the connection, TLS, the first byte and the last. However
 * long it takes and however often the loop is late meanwhile, its times cannot be off by more than this many beats.
 */
const turns = 5
const mostReportedBeats = 1000
/** An answer waits for a processor about so often on the other side: to be taken, made and sent. */
const turnsOfOthers = 3
/** How much of a late beat is remembered at the next one: half of it for seven seconds. */
const remembered = 0.999
/** Who is starved gets a processor sooner: a beat later than this was stopped alone, or blocked by our own code. */
const stoppedMs = 1000

/** Watches until `isBusy` says at a beat that nothing is being probed; `onBeat` is called at every beat. */
export function watchLoop(
  clock: Clock,
  isBusy: () => boolean,
  onBeat: (nowMs: number) => void = () => undefined,
) {
  let beating = false
  let expectedMs = 0
  /** All lateness beyond the usual, since the start. */
  let lateMs = 0
  const worst = createWorstBeats()
  let latelyMs = 0
  let reportedMs = clock.monotonicMs()
  let beats: number[] = []

  const beat = () => {
    const nowMs = clock.monotonicMs()
    const late = Math.max(0, nowMs - expectedMs)
    lateMs += excess(late)
    worst.add(excess(late), lateMs)
    latelyMs = Math.max(late < stoppedMs ? excess(late) : 0, remembered * latelyMs)
    beats.push(late)
    if (beats.length >= mostReportedBeats) beats = beats.slice(-mostReportedBeats / 2)
    beating = isBusy()
    if (beating) scheduleBeat(nowMs)
    onBeat(nowMs)
  }
  const scheduleBeat = (nowMs: number) => {
    expectedMs = nowMs + beatMs
    clock.after(beatMs, beat)
  }
  /** A beat that is overdue counts, too: a late loop may run a probe's callback before the timer's. */
  const overdueAt = (nowMs: number) => (beating ? excess(nowMs - expectedMs) : 0)

  return {
    /** Starts watching, unless watching already. To be called when a probe starts; the mark is for `latenessMs`. */
    mark(nowMs: number): number {
      if (!beating) {
        beating = true
        scheduleBeat(nowMs)
      }
      return lateMs + overdueAt(nowMs)
    },
    /**
     * By how many milliseconds a measurement from the mark to now can be off at most, because the loop was late. A block
     * of the loop is seen but for its first 15 ms.
     */
    latenessMs(mark: number, nowMs: number): number {
      const overdueMs = overdueAt(nowMs)
      return Math.min(lateMs + overdueMs - mark, turns * Math.max(worst.since(mark), overdueMs))
    },
    /**
     * How late an answer may be, in milliseconds, because the machine is starved: whatever else runs on it, targets and
     * the kernel, waits for a processor as this loop did lately.
     */
    machineMs: () => turnsOfOthers * latelyMs,
    /** The lateness of the beats since the last report; undefined when there were none, or a report is not yet due. */
    report(nowMs: number): LoopDelay | undefined {
      if (nowMs - reportedMs < reportEveryMs || beats.length === 0) return undefined
      reportedMs = nowMs
      const sorted = beats.sort((a, b) => a - b)
      beats = []
      const at = (q: number) => quantile(sorted, q) ?? 0
      return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
    },
  }
}

const excess = (late: number) => Math.max(0, late - usualMs)

interface Beat {
  readonly lateMs: number
  readonly totalMs: number
}

/** Beats each of which is later than all after it are never many; this only bounds the memory for certain. */
const mostWorstBeats = 1000

/** How late the worst beat was since any moment, in little memory: a beat that a later one exceeded is forgotten. */
export function createWorstBeats() {
  /** The oldest first, each later than all after it. */
  let beats: Beat[] = []
  return {
    /** Takes in a beat; `totalMs` is all lateness since the start, this beat's included. */
    add(lateMs: number, totalMs: number): void {
      if (lateMs === 0) return
      while ((beats.at(-1)?.lateMs ?? Number.POSITIVE_INFINITY) <= lateMs) beats.pop()
      beats.push({ lateMs, totalMs })
      if (beats.length > mostWorstBeats) beats = beats.slice(-mostWorstBeats / 2)
    },
    /** The worst since all lateness was `totalMs`, in milliseconds. */
    since(totalMs: number): number {
      const worst = beats.find((beat) => beat.totalMs > totalMs)
      // It may have begun before.
      return worst === undefined ? 0 : Math.min(worst.lateMs, worst.totalMs - totalMs)
    },
  }
}
