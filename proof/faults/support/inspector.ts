/**
 * A hand inside a running process: Node's own inspector, over its WebSocket. So nothing in farmprobe has to know of
 * this suite: its threads are stopped, ended and measured as a debugger would.
 */
import { once } from 'node:events'

type Thread = 'main' | 'prober'

export interface Inspector extends Disposable {
  /** Runs an expression on a thread and waits until it is done. Rejects when the thread ends meanwhile. */
  evaluate(thread: Thread, expression: string): Promise<void>
  /** What lives on the heaps of all threads and in their buffers after a garbage collection, in bytes. */
  liveBytes(): Promise<number>
}

interface Reply {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

type Send = (method: string, params?: object) => Promise<Record<string, unknown>>

/** Attaches to the process that listens at `url`, as its line on stderr says. */
export async function inspect(url: string): Promise<Inspector> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const main = createTalk((text) => socket.send(text))
  const workers = new Map<string, ReturnType<typeof createTalk>>()
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply
    if (reply.method === undefined) main.heard(reply)
    else follow(reply, main.send, workers)
  })
  socket.addEventListener('close', () => main.ended('the process ended'))
  await main.send('NodeWorker.enable', { waitForDebuggerOnStart: false })
  return {
    async evaluate(thread, expression) {
      const talk = thread === 'main' ? main : [...workers.values()][0]
      if (talk === undefined) throw new Error('there is no prober thread')
      await talk.send('Runtime.evaluate', { expression })
    },
    async liveBytes() {
      // The thread that reads files ends when it has nothing to do.
      const ofWorkers = [...workers.values()].map(({ send }) => liveBytes(send).catch(() => 0))
      const each = await Promise.all([liveBytes(main.send), ...ofWorkers])
      return each.reduce((sum, bytes) => sum + bytes, 0)
    },
    [Symbol.dispose]: () => socket.close(),
  }
}

async function liveBytes(send: Send): Promise<number> {
  // Twice: what the first one frees may hold on to buffers until the second.
  await send('HeapProfiler.collectGarbage')
  await send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await send('Runtime.getHeapUsage')
  return Number(usedSize) + Number(backingStorageSize)
}

function follow(
  { method, params = {} }: Reply,
  send: Send,
  workers: Map<string, ReturnType<typeof createTalk>>,
): void {
  const sessionId = String(params['sessionId'])
  if (method === 'NodeWorker.attachedToWorker')
    workers.set(
      sessionId,
      createTalk((message) => {
        // A worker that has just ended is told of by its detachment.
        send('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(() => {})
      }),
    )
  if (method === 'NodeWorker.receivedMessageFromWorker')
    workers.get(sessionId)?.heard(JSON.parse(String(params['message'])) as Reply)
  if (method === 'NodeWorker.detachedFromWorker') {
    workers.get(sessionId)?.ended('the thread ended')
    workers.delete(sessionId)
  }
}

/** Questions and answers with one thread. */
function createTalk(write: (text: string) => void) {
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>()
  let lastId = 0
  let ended: Error | undefined
  return {
    send(method: string, params: object = {}) {
      // A thread may end between two questions.
      if (ended !== undefined) return Promise.reject(ended)
      lastId += 1
      const answer = Promise.withResolvers<Record<string, unknown>>()
      waiting.set(lastId, answer)
      write(JSON.stringify({ id: lastId, method, params }))
      return answer.promise
    },
    heard({ id = 0, result = {}, error }: Reply) {
      if (error === undefined) waiting.get(id)?.resolve(result)
      else waiting.get(id)?.reject(new Error(error.message))
      waiting.delete(id)
    },
    ended(why: string) {
      ended = new Error(why)
      for (const { reject } of waiting.values()) reject(ended)
      waiting.clear()
    },
  }
}
