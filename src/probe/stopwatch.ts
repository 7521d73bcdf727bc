import type { Phase } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'

/**
 * Charges the time of a probe to the phase that is running. A phase entered again, at the next hop of a redirect,
 * adds up; one never entered is absent.
 */
export interface Stopwatch {
  /** Ends the running phase and starts `phase`; at `atMs`, a monotonic time just past, when that is given. */
  enter(phase: Phase, atMs?: number): void
  /** Ends the running phase; stopping twice changes nothing. */
  stop(atMs?: number): void
  /** The phase that is running, or ran last. */
  readonly phase: Phase
  readonly phaseMs: Partial<Record<Phase, number>>
  /** What handshakes took that an answer needed first, in milliseconds. */
  authMs: number
  /** Does work of a handshake, which belongs to no phase. */
  authenticate<T>(work: () => Promise<T>): Promise<T>
  /** Counts to a handshake what the phases took since `before`, a copy of `phaseMs`. */
  setAside(before: Partial<Record<Phase, number>>): void
  /** Milliseconds from the start to the last stop. */
  readonly totalMs: number
}

/** A stopwatch that starts now, with no phase running yet. */
export function startStopwatch(clock: Clock): Stopwatch {
  const startMs = clock.monotonicMs()
  let sinceMs = startMs
  let running = false
  const watch = {
    phase: 'connect' as Phase,
    phaseMs: {} as Partial<Record<Phase, number>>,
    authMs: 0,
    totalMs: 0,
    enter,
    stop,
    authenticate,
    setAside,
  }

  function enter(phase: Phase, atMs = clock.monotonicMs()): void {
    stop(atMs)
    running = true
    watch.phase = phase
    watch.phaseMs[phase] ??= 0
    sinceMs = Math.max(sinceMs, atMs)
  }

  function stop(atMs = clock.monotonicMs()): void {
    if (!running) return
    running = false
    // A read is stamped before the write that it answers is known to be flushed.
    const untilMs = Math.max(sinceMs, atMs)
    watch.phaseMs[watch.phase] = (watch.phaseMs[watch.phase] ?? 0) + untilMs - sinceMs
    sinceMs = untilMs
    watch.totalMs = untilMs - startMs
  }

  async function authenticate<T>(work: () => Promise<T>): Promise<T> {
    stop()
    const fromMs = clock.monotonicMs()
    try {
      return await work()
    } finally {
      sinceMs = clock.monotonicMs()
      watch.authMs += sinceMs - fromMs
      watch.totalMs = sinceMs - startMs
    }
  }

  function setAside(before: Partial<Record<Phase, number>>): void {
    for (const [phase, ms] of Object.entries(watch.phaseMs) as [Phase, number][]) {
      watch.authMs += ms - (before[phase] ?? 0)
      if (before[phase] === undefined) delete watch.phaseMs[phase]
      else watch.phaseMs[phase] = before[phase]
    }
  }

  return watch
}
