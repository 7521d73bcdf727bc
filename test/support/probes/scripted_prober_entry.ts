/**
 * The entry of a prober thread whose probe opens no connection. A check's path says what it is to do: `/die` ends the
 * thread, `/throw` throws where nobody catches, `/hoard` takes memory until there is none, `/hang` answers after a
 * minute.
 */
import { workerData } from 'node:worker_threads'
import type { Probe } from '../../../src/model/outcome.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { ProberData } from '../../../src/schedule/threads/prober_messages.ts'
import { serveProber } from '../../../src/schedule/threads/serve_prober.ts'
import { outcomeOf } from './scripted_probe.ts'

const hoard: unknown[] = []

const probe: Probe = (order) => {
  const answer = () => Promise.resolve(outcomeOf(order))
  switch (order.check.path) {
    case '/die':
      return process.exit(7)
    case '/throw':
      process.nextTick(() => {
        throw new Error('nobody catches this')
      })
      return answer()
    case '/hoard':
      for (;;) hoard.push(Array.from({ length: 1000 }, () => ({})))
    case '/hang':
      return new Promise((resolve) => {
        systemClock.after(60_000, () => resolve(outcomeOf(order)))
      })
    default:
      return answer()
  }
}

serveProber(workerData as ProberData, {
  clock: systemClock,
  probe,
  retain: () => undefined,
  close: () => undefined,
})
