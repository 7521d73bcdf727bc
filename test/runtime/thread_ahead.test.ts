import { describe, expect, onTestFinished, test } from 'vitest'
import { startAhead } from '../../src/runtime/thread_ahead.ts'
import { superviseThread } from '../../src/runtime/worker_thread.ts'
import { eventually } from '../support/eventually.ts'
import { threadModule } from '../support/processes/thread_module.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

interface Texts {
  readonly to: string
  readonly from: string
}

const runtime = new URL('../../src/runtime/', import.meta.url)

/** Sends its data and when its module began to run, and says so again when asked. */
const entry = threadModule(`
  import { dataOfThisThread } from '${runtime.href}thread_ahead.ts'
  const beganMs = Date.now()
  const data = await dataOfThisThread()
  const send = serveThread(() => send(data + ' since ' + beganMs), async () => undefined)
  send(data)
`)

function supervised(name: string) {
  const events: string[] = []
  const thread = superviseThread<Texts>({
    entry,
    name,
    data: 'data',
    clock: createSimulatedClock(),
    onReady: () => events.push('ready'),
    onMessage: (text) => events.push(text),
    onExit: (cause) => events.push(cause.message),
  })
  onTestFinished(() => thread.stop(0))
  const number = (count: number) =>
    eventually(
      `${count} events`,
      () => events,
      ({ length }) => length >= count,
    )
  return { thread, number }
}

describe('a thread that is started ahead', () => {
  test('runs its module before it is taken, and gets its data then', async () => {
    startAhead(entry, 'early')
    await new Promise((resolve) => setTimeout(resolve, 500))
    const takenMs = Date.now()
    const { thread, number } = supervised('early')
    expect(await number(2)).toEqual(['ready', 'data'])
    thread.send('since when')
    const [, , answer = ''] = await number(3)
    expect(Number(answer.replace('data since ', ''))).toBeLessThan(takenMs)
  })

  test('is taken by nobody else, and once', async () => {
    startAhead(entry, 'first')
    for (const name of ['second', 'first', 'first']) {
      const { number } = supervised(name)
      expect(await number(2)).toEqual(['ready', 'data'])
    }
  })

  test('is started anew when it has ended meanwhile', async () => {
    startAhead(new URL('data:text/javascript,process.exit(1)'), 'early')
    await new Promise((resolve) => setTimeout(resolve, 500))
    const { number } = supervised('early')
    expect(await number(2)).toEqual(['ready', 'data'])
  })
})
