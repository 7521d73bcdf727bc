const runtime = new URL('../../../src/runtime/', import.meta.url)

/** The module of a worker thread with this body, which sees `serveThread` and `serveRequests`. */
export function threadModule(body: string): URL {
  const text = [
    `import { serveThread } from '${runtime.href}worker_thread.ts'`,
    `import { serveRequests } from '${runtime.href}request_thread.ts'`,
    body,
  ].join('\n')
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`)
}
