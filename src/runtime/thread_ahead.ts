/**
 * A thread that starts before it is known what it has to do, so that its code and the rest of farmprobe load at the same
 * time. It gets its data by its first message instead of `workerData`.
 */
import { once } from 'node:events'
import { parentPort, Worker, workerData } from 'node:worker_threads'

let ahead: { readonly entry: string; readonly name: string; readonly worker: Worker } | undefined

/** Starts it; the process may exit meanwhile. */
export function startAhead(entry: URL, name: string): void {
  const worker = new Worker(entry, { name })
  ahead = { entry: entry.href, name, worker }
  // One that ends before it is taken is forgotten: the one that is started in its place then reports the cause.
  worker.on('error', () => undefined)
  worker.on('exit', () => {
    if (ahead?.worker === worker) ahead = undefined
  })
  worker.unref()
}

/** The thread that was started ahead, once, if it is this one; it then keeps the process alive. */
export function takeAhead(entry: URL, name: string, data: unknown): Worker | undefined {
  if (ahead?.entry !== entry.href || ahead.name !== name) return undefined
  const { worker } = ahead
  ahead = undefined
  worker.ref()
  worker.postMessage(data)
  return worker
}

/** In the thread: what it was given, whenever it was started. */
export async function dataOfThisThread(): Promise<unknown> {
  if (workerData !== undefined || parentPort === null) return workerData
  const [data] = await once(parentPort, 'message')
  return data
}
