/**
 * The entry of a prober thread whose probe opens no connection. A check's path says what it is to do: `/die` ends the
 * thread, `/throw` throws where nobody catches, `/hoard` takes memory until there is none, `/hang` answers after a
 * minute, `/slowly` keeps the thread busy for 5 ms; judging the answer of `/costly` takes a little too much processor time,
 * of `/stall` for ever.
 */
import { workerData } from 'node:worker_threads'
import type { Order, Probe } from '../../../src/model/outcome.ts'
import { systemClock, threadCpuMs } from '../../../src/runtime/clock.ts'
import type { ProberData } from '../../../src/schedule/threads/prober_messages.ts'
import { serveProber } from '../../../src/schedule/threads/serve_prober.ts'
import { costlyMs, noteJudging } from '../../../src/schedule/threads/work_note.ts'
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
    case '/slowly':
      return Promise.resolve(work(5, order))
    case '/costly':
      return Promise.resolve(judging(order, () => work(costlyMs + 50, order)))
    case '/stall':
      return Promise.resolve(judging(order, () => work(Number.POSITIVE_INFINITY, order)))
    default:
      return answer()
  }
}

function work(cpuMs: number, order: Order) {
  const untilMs = threadCpuMs() + cpuMs
  while (threadCpuMs() < untilMs);
  return outcomeOf(order)
}

const data = workerData as ProberData
const judging = noteJudging(data.note, (subject) => served.costly(subject))
const served = serveProber(data, {
  clock: systemClock,
  probe,
  retain: () => undefined,
  close: () => undefined,
})
