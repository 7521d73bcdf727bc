/**
 * A pool that is stopped says so: the kernel answers 503 in its place, or the ASP.NET Core Module shows app_offline.htm.
 * Whoever answers afterwards is a new worker.
 */
import type { Outcome, Proof } from '../../model/outcome.ts'
import type { Sign } from './recycle.ts'

/** A full queue makes the kernel answer 503 as well, but lets others through meanwhile: one such answer is no proof. */
const leastKernelMs = 500

export interface Stoppage {
  /** When the first and the newest such answer of an unbroken run were asked for, wall milliseconds. */
  sinceMs: number
  lastMs: number
  kernel: boolean
}

/** A pool that has not been seen stopped. */
export const createStoppage = (): Stoppage => ({ sinceMs: Number.NaN, lastMs: Number.NaN, kernel: false })

/** Takes in an outcome of a node; gives the sign of a new worker when the stoppage is over with it. */
export function observeStoppage(state: Stoppage, outcome: Outcome, proof: Proof): Sign | undefined {
  if (proof === 'failure') {
    noteStopped(state, outcome)
    return undefined
  }
  if (proof === 'nothing' || !(outcome.startedMs > state.sinceMs)) return undefined
  const { sinceMs, lastMs, kernel } = state
  if (outcome.startedMs < lastMs && kernel) {
    state.sinceMs = Number.NaN
    return undefined
  }
  if (outcome.startedMs < lastMs) return undefined
  state.sinceMs = Number.NaN
  if (kernel && lastMs - sinceMs < leastKernelMs) return undefined
  return {
    evidence: 'shutdown_notice',
    atMs: sinceMs,
    untilMs: outcome.startedMs,
    stopped: true,
    confidence: kernel ? 0.8 : 0.95,
  }
}

function noteStopped(state: Stoppage, { origin, startedMs, status }: Outcome): void {
  const kernel = origin === 'iis-kernel'
  if (status !== 503 || !(kernel || origin === 'ancm-app-offline')) return
  if (Number.isNaN(state.sinceMs)) {
    state.sinceMs = startedMs
    state.lastMs = startedMs
    state.kernel = kernel
  }
  state.sinceMs = Math.min(state.sinceMs, startedMs)
  state.lastMs = Math.max(state.lastMs, startedMs)
  state.kernel &&= kernel
}
