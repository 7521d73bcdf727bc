import { expect, onTestFinished, test } from 'vitest'
import { createRequestThread } from '../../src/runtime/request_thread.ts'
import { eventually } from '../support/eventually.ts'
import { threadModule } from '../support/processes/thread_module.ts'

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
