/** The prober thread's side of the conversation with the main thread. */
import type { MessagePort } from 'node:worker_threads'
import type { Farm } from '../../model/farm.ts'
import type { Probe } from '../../model/outcome.ts'
import type { Clock } from '../../runtime/clock.ts'
import { createScheduler } from '../scheduler.ts'
import { createBatcher } from './outcome_batcher.ts'
import type { FromProber, ProberData, ToProber } from './prober_messages.ts'

export interface ProberParts {
  readonly clock: Clock
  readonly probe: Probe
  /** Hears of every new plan, to let go of what belongs to farms that are gone. */
  readonly retain: (farms: readonly Farm[]) => void
  readonly close: () => unknown
}

/** Probes what the main thread says on `port`, until it says stop; then closes the parts and the port. */
export function serveProber(port: MessagePort, data: ProberData, parts: ProberParts): void {
  const { clock, probe } = parts
  const tell = (message: FromProber) => port.postMessage(message)
  const scheduler = createScheduler({
    clock,
    probe,
    originMs: data.originMs,
    emit: {
      outcome: (outcome) => batcher.outcome(outcome),
      missed: (subject, count) => batcher.missed(subject, count),
    },
  })
  const batcher = createBatcher({
    clock,
    prober: data.prober,
    post: (batch) => tell({ kind: 'batch', batch }),
    inFlight: () => scheduler.inFlight(),
    loopDelay: () => scheduler.loopDelay(),
  })
  const stop = async (graceMs: number) => {
    await scheduler.stop(graceMs)
    batcher.stop()
    await parts.close()
    tell({ kind: 'stopped' })
    port.close()
  }
  port.on('message', (message: ToProber) => {
    switch (message.kind) {
      case 'apply':
        parts.retain(message.farms)
        scheduler.apply(message.farms, message.fromMs, new Set(message.moved))
        break
      case 'recycled':
        scheduler.recycled(message)
        break
      case 'stop':
        void stop(message.graceMs)
        break
    }
  })
  tell({ kind: 'ready' })
}
