/** The prober thread's own side: probes the farms that the main thread assigns, and sends batches of outcomes back. */
import type { Farm, Target } from '../../model/farm.ts'
import type { Probe } from '../../model/outcome.ts'
import type { Clock } from '../../runtime/clock.ts'
import { serveThread } from '../../runtime/worker_thread.ts'
import { createScheduler } from '../scheduler.ts'
import { createBatcher } from './outcome_batcher.ts'
import type { ProberData, ProberMessages } from './prober_messages.ts'

export interface ProberParts {
  readonly clock: Clock
  readonly probe: Probe
  /** Whether a target can be reached yet. */
  readonly canProbe?: (farm: Farm, target: Target) => boolean
  /** Called with every new plan, to release what belongs to farms that are gone. */
  readonly retain: (farms: readonly Farm[]) => void
  readonly close: () => unknown
}

/** Probes until the main thread stops it; then closes the parts. */
export function serveProber(data: ProberData, parts: ProberParts) {
  const { clock, probe, canProbe } = parts
  const receive = (message: ProberMessages['to']) => {
    if (message.kind === 'recycled') return scheduler.recycled(message)
    if (message.kind === 'quarantined') return scheduler.setApart(message.quarantined)
    parts.retain(message.farms)
    scheduler.apply(message.farms, message.fromMs, new Set(message.moved))
  }
  const stop = async (graceMs: number) => {
    await scheduler.stop(graceMs)
    batcher.stop()
    await parts.close()
  }
  const send = serveThread<ProberMessages>(receive, stop)
  const scheduler = createScheduler({
    clock,
    probe,
    ...(canProbe && { canProbe }),
    originMs: data.originMs,
    emit: {
      outcome: (outcome) => batcher.outcome(outcome),
      missed: (subject, count) => batcher.missed(subject, count),
    },
  })
  const batcher = createBatcher({
    clock,
    prober: data.prober,
    send,
    inFlight: () => scheduler.inFlight(),
    loopDelay: () => scheduler.loopDelay(),
  })
  return {
    /** An answer took long to judge. */
    costly: batcher.costly,
  }
}
