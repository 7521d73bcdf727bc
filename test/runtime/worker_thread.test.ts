import { describe, expect, onTestFinished, test } from 'vitest'
import { superviseThread, watchSilence } from '../../src/runtime/worker_thread.ts'
import { eventually } from '../support/eventually.ts'
import { threadModule } from '../support/processes/thread_module.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

interface Texts {
  readonly to: string
  readonly from: string
}

/** Sends back what it is sent; `spin` hangs it, `throw` ends it, and a stop takes a moment. */
const echo = threadModule(`
  const receive = (text) => {
    if (text === 'throw') throw new Error('planted')
    while (text === 'spin');
    send(text)
  }
  const send = serveThread(receive, async (graceMs) => send('stopping within ' + graceMs))
`)

function supervised(entry = echo) {
  const simulated = createSimulatedClock()
  const delays: number[] = []
  const clock = {
    ...simulated,
    after(delayMs: number, wake: () => void) {
      delays.push(delayMs)
      return simulated.after(delayMs, wake)
    },
  }
  const events: string[] = []
  const thread = superviseThread<Texts>({
    entry,
    name: 'echo',
    clock,
    onReady: () => events.push('ready'),
    onMessage: (text) => events.push(text),
    onExit: (cause, wasReady) => events.push(`${cause.message}, ${wasReady ? 'ready' : 'not ready'}`),
  })
  onTestFinished(() => thread.stop(0))
  const happened = (event: string, times = 1) =>
    eventually(
      event,
      () => events.filter((each) => each === event).length,
      (count) => count >= times,
    )
  return { clock, delays, events, happened, thread }
}

describe('a supervised thread', () => {
  test('takes and sends messages, and may finish before it is stopped', async () => {
    const { clock, events, happened, thread } = supervised()
    await happened('ready')
    thread.send('hello')
    await happened('hello')
    await thread.stop(1234)
    expect(events).toEqual(['ready', 'hello', 'stopping within 1234'])
    expect(clock.pending()).toBe(0)
  })

  test('that throws is restarted after a back-off', async () => {
    const { clock, events, happened, thread } = supervised()
    await happened('ready')
    thread.send('throw')
    await happened('planted, ready')
    expect(thread.isReady()).toBe(false)
    await clock.advance(100)
    await happened('ready', 2)
    expect(events).toEqual(['ready', 'planted, ready', 'ready'])
  })

  test('that fails again and again waits longer each time, until one run has lasted', async () => {
    const { clock, delays, happened } = supervised(threadModule(`throw new Error('at once')`))
    const backOffs = () => delays.filter((delayMs) => delayMs < 5000)
    for (const [index, expected] of [100, 200, 400, 800].entries()) {
      await happened('at once, not ready', index + 1)
      expect(backOffs()).toHaveLength(index + 1)
      expect(backOffs().at(-1)).toBe(expected)
      await clock.advance(expected)
    }
    clock.block(60_001)
    await happened('at once, not ready', 5)
    expect(backOffs().at(-1)).toBe(100)
  })

  test('that hangs is ended after 30 s of silence, and restarted', async () => {
    const { clock, events, happened, thread } = supervised()
    await happened('ready')
    thread.send('spin')
    await clock.advance(30_000)
    expect(events).toEqual(['ready'])
    await clock.advance(5000)
    await happened("the thread 'echo' sent nothing for 30 s, ready")
    await clock.advance(100)
    await happened('ready', 2)
  })
})

function watched() {
  const clock = createSimulatedClock()
  const silences: number[] = []
  const watch = watchSilence(clock, 30_000, () => silences.push(clock.monotonicMs()))
  return { clock, silences, watch }
}

test('silence is reported once, after more than the time allowed', async () => {
  const { clock, silences } = watched()
  await clock.advance(120_000)
  expect(silences).toHaveLength(1)
  expect(clock.pending()).toBe(0)
})

test('messages in time are no silence', async () => {
  const { clock, silences, watch } = watched()
  for (let second = 0; second < 300; second += 20) {
    await clock.advance(20_000)
    watch.reset()
  }
  expect(silences).toEqual([])
})

test('time in which this thread itself did not run is no silence', async () => {
  const { clock, silences, watch } = watched()
  clock.block(3_600_000)
  await clock.advance(100)
  expect(silences).toEqual([])
  watch.stop()
  expect(clock.pending()).toBe(0)
})
