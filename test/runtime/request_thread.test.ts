import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createRequestThread } from '../../src/runtime/request_thread.ts'
import { eventually } from '../support/eventually.ts'
import { threadModule } from '../support/processes/thread_module.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

interface Numbers {
  readonly request: number | 'wait' | 'throw'
  readonly reply: number | 'aborted'
  readonly settings: { readonly factor: number }
}

/** Multiplies a number by the factor of its settings; waits until it is aborted, or throws. */
const multiplier = threadModule(`
  let factor = 1
  serveRequests(
    (request, signal) => {
      if (request === 'throw') throw new Error('planted')
      if (request !== 'wait') return request * factor
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted')))
    },
    (settings) => { factor = settings.factor },
  )
`)

/** Counts its requests. */
const counter = threadModule('let count = 0; serveRequests(() => ++count)')

function start() {
  const failures: string[] = []
  const thread = createRequestThread<Numbers>({
    entry: multiplier,
    name: 'numbers',
    onFailure: (cause) => failures.push(cause.message),
  })
  onTestFinished(() => thread.terminate())
  return { thread, failures }
}

test('each request gets its own reply, under the settings that held when it was sent', async () => {
  const { thread } = start()
  thread.configure({ factor: 2 })
  const first = thread.ask(1)
  thread.configure({ factor: 3 })
  expect(await Promise.all([first, thread.ask(2), thread.ask(3)])).toEqual([2, 6, 9])
})

test('an aborted signal reaches the request it belongs to', async () => {
  const { thread } = start()
  const control = new AbortController()
  const waiting = thread.ask('wait', control.signal)
  expect(await thread.ask(1)).toBe(1)
  expect(thread.pending()).toBe(1)
  control.abort()
  expect(await waiting).toBe('aborted')
  expect(thread.pending()).toBe(0)
})

test('a thread that throws rejects the requests under way, and the next request starts another with the same settings', async () => {
  const { thread, failures } = start()
  thread.configure({ factor: 5 })
  const waiting = thread.ask('wait')
  const thrown = thread.ask('throw')
  await expect(waiting).rejects.toThrow('planted')
  await expect(thrown).rejects.toThrow('planted')
  expect(failures).toEqual(['planted'])
  expect(await thread.ask(2)).toBe(10)
})

test('a thread that is terminated rejects its requests, and that is no failure', async () => {
  const { thread, failures } = start()
  const waiting = thread.ask('wait')
  await eventually('a request', thread.pending, (pending) => pending === 1)
  await Promise.all([
    expect(waiting).rejects.toThrow("the thread 'numbers' ended with code"),
    thread.terminate(),
  ])
  expect(failures).toEqual([])
})

test('a thread that has been idle ends; the next request starts another', async () => {
  const clock = createSimulatedClock()
  const thread = createRequestThread<Numbers>({ entry: counter, name: 'counter', idle: { clock, ms: 1000 } })
  onTestFinished(() => thread.terminate())
  expect([await thread.ask(0), await thread.ask(0)]).toEqual([1, 2])
  await clock.advance(900)
  expect(await thread.ask(0)).toBe(3)
  await clock.advance(900)
  expect(await thread.ask(0)).toBe(4)
  await clock.advance(1000)
  expect(await thread.ask(0)).toBe(1)
})

test('a thread that is closed takes no more requests', async () => {
  const { thread } = start()
  const waiting = thread.ask('wait')
  await thread.close()
  await expect(waiting).rejects.toThrow('ended with code')
  await expect(thread.ask(1)).rejects.toThrow("the thread 'numbers' is closed")
})

test('a thread of which the process is not to wait does not keep it from ending', async () => {
  const program = `
    const { createRequestThread } = await import('${new URL('../../src/runtime/request_thread.ts', import.meta.url).href}')
    const thread = createRequestThread({ entry: new URL(${JSON.stringify(multiplier.href)}), name: 'numbers', unref: true })
    const timer = setInterval(() => undefined, 1000)
    console.log(await thread.ask(7))
    clearInterval(timer)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    timeout: 15_000,
  })
  expect(stdout).toBe('7\n')
})
