/**
 * A pool that is stopped or stopping says so: the kernel answers 503 in its place, the ASP.NET Core Module shows
 * app_offline.htm, or says that the application is being shut down. Whoever answers afterwards is a new worker.
 */
import type { Outcome, Proof } from '../../model/outcome.ts'
import type { Detector } from '../detector.ts'
import { byNodeSeries, createMemories, wholly } from '../memories.ts'
import { fieldsOf, flag, type Of, optional, time } from '../shape.ts'
import type { ObservedRecycle, Recycles } from './recycles.ts'

/** A full queue makes the kernel answer 503 as well, but lets others through meanwhile: one such answer is no proof. */
const leastKernelMs = 500

const poolState = fieldsOf({
  /** An unbroken run of answers that say the pool is stopped. */
  stop: optional(
    fieldsOf({
      /** When the first and the newest of them were asked for. */
      sinceMs: time,
      lastMs: time,
      /** All of them came from the kernel. */
      kernel: flag,
    }),
  ),
})

type PoolState = Of<typeof poolState>

type Observed = Omit<ObservedRecycle, 'evidence' | 'check'>

export function createStoppedPools(recycles: Recycles): Detector {
  const pools = createMemories(byNodeSeries, wholly(poolState))
  return {
    ...pools,
    observe({ outcome, proof, series: { key, target, check } }) {
      const pool = pools.get(key)
      if (pool === undefined) return
      const observed = shutdownNotice(outcome, proof) ?? take(pool, outcome, proof)
      if (observed !== undefined)
        recycles.add(target.name, {
          evidence: 'shutdown_notice',
          check: check.name,
          stopped: true,
          ...observed,
        })
    },
  }
}

/** Reason phrases exist on HTTP/1.1 only, which is what is spoken here. */
function shutdownNotice({ status, evidence, startedMs }: Outcome, proof: Proof): Observed | undefined {
  if (proof !== 'failure' || status !== 503 || evidence?.statusText !== 'Server has been shutdown')
    return undefined
  return { atMs: startedMs, untilMs: startedMs, confidence: 0.97 }
}

/** Gives the new worker when the stop is over with this outcome. */
function take(pool: PoolState, outcome: Outcome, proof: Proof): Observed | undefined {
  const { stop } = pool
  const { startedMs } = outcome
  if (proof === 'failure') {
    if (saysStopped(outcome)) pool.stop = longer(stop, startedMs, outcome.origin === 'iis-kernel')
    return undefined
  }
  if (proof === 'nothing' || stop === undefined || startedMs <= stop.sinceMs) return undefined
  const { sinceMs, lastMs, kernel } = stop
  // An answer in between: a full queue, or one that was on its way when the pool stopped.
  if (startedMs < lastMs && !kernel) return undefined
  pool.stop = undefined
  if (kernel && (startedMs < lastMs || lastMs - sinceMs < leastKernelMs)) return undefined
  return { atMs: sinceMs, untilMs: startedMs, confidence: kernel ? 0.8 : 0.95 }
}

const saysStopped = ({ status, origin }: Outcome): boolean =>
  status === 503 && (origin === 'iis-kernel' || origin === 'ancm-app-offline')

const longer = (stop: PoolState['stop'], startedMs: number, kernel: boolean): PoolState['stop'] => ({
  sinceMs: Math.min(stop?.sinceMs ?? startedMs, startedMs),
  lastMs: Math.max(stop?.lastMs ?? startedMs, startedMs),
  kernel: kernel && (stop?.kernel ?? true),
})
