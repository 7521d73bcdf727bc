/** A worker thread that answers requests. The first request starts it, and so does the first one after it has ended. */
import type { Cancel, Clock } from './clock.ts'
import { portOfThisThread, startThread, type ThreadOptions } from './worker_thread.ts'

export interface Requests {
  readonly request: unknown
  readonly reply: unknown
  readonly settings?: unknown
}

interface RequestMessages<R extends Requests> {
  readonly to:
    | { readonly kind: 'settings'; readonly settings: R['settings'] }
    | { readonly kind: 'request'; readonly id: number; readonly request: R['request'] }
    | { readonly kind: 'abort'; readonly id: number }
  readonly from: { readonly id: number; readonly reply: R['reply'] }
}

export interface RequestThreadOptions extends ThreadOptions {
  /** The thread ended by itself; the requests under way are rejected with the same error. */
  readonly onFailure?: (cause: Error) => void
  /** The thread ends, and its memory is free, so many milliseconds after its last reply; absent: never by itself. */
  readonly idle?: { readonly clock: Clock; readonly ms: number }
}

export function createRequestThread<R extends Requests>(options: RequestThreadOptions) {
  let settings: { readonly value: R['settings'] } | undefined
  let run: ReturnType<typeof start> | undefined
  let lastId = 0
  let cancelEnd: Cancel | undefined
  let isClosed = false

  const start = () => {
    const open = new Map<number, PromiseWithResolvers<R['reply']>>()
    const thread = startThread<RequestMessages<R>>(
      options,
      ({ id, reply }) => open.get(id)?.resolve(reply),
      (cause) => {
        if (run?.open === open) {
          run = undefined
          options.onFailure?.(cause)
        }
        for (const { reject } of open.values()) reject(cause)
      },
    )
    if (settings !== undefined) thread.send({ kind: 'settings', settings: settings.value })
    return { ...thread, open }
  }
  /** Ends the present run; the requests under way are rejected. */
  const terminate = async (): Promise<void> => {
    cancelEnd?.()
    const ended = run
    run = undefined
    await ended?.terminate()
  }
  return {
    /** Rejects when the thread ends first. An aborted `signal` is passed on to the thread, which still has to reply. */
    async ask(request: R['request'], signal?: AbortSignal): Promise<R['reply']> {
      if (isClosed) throw new Error(`the thread '${options.name}' is closed`)
      cancelEnd?.()
      run ??= start()
      const { send, open } = run
      const id = ++lastId
      const asked = Promise.withResolvers<R['reply']>()
      const abort = () => send({ kind: 'abort', id })
      open.set(id, asked)
      signal?.addEventListener('abort', abort)
      send({ kind: 'request', id, request })
      try {
        return await asked.promise
      } finally {
        open.delete(id)
        signal?.removeEventListener('abort', abort)
        if (run?.open === open && open.size === 0)
          cancelEnd = options.idle?.clock.after(options.idle.ms, () => void terminate())
      }
    },
    /** What applies to the requests from now on, in every run. */
    configure(value: R['settings']): void {
      settings = { value }
      run?.send({ kind: 'settings', settings: value })
    },
    pending: (): number => run?.open.size ?? 0,
    terminate,
    /** Ends it for good: later requests are rejected as well. */
    close(): Promise<void> {
      isClosed = true
      return terminate()
    },
  }
}

/** The thread's own side: replies to each request. A handler that throws is a bug of ours, and ends the thread. */
export function serveRequests<R extends Requests>(
  reply: (request: R['request'], signal: AbortSignal) => R['reply'] | Promise<R['reply']>,
  onSettings?: (settings: R['settings']) => void,
): void {
  const port = portOfThisThread()
  const open = new Map<number, AbortController>()
  const answer = async (id: number, request: R['request']) => {
    const control = new AbortController()
    open.set(id, control)
    const message: RequestMessages<R>['from'] = { id, reply: await reply(request, control.signal) }
    open.delete(id)
    port.postMessage(message)
  }
  port.on('message', (message: RequestMessages<R>['to']) => {
    if (message.kind === 'settings') onSettings?.(message.settings)
    else if (message.kind === 'abort') open.get(message.id)?.abort()
    else void answer(message.id, message.request)
  })
}
