/** Every route of the web interface, as a function from request to response. */
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { apiRoutes } from './api/api_routes.ts'
import { notEnabled, Refusal } from './api/refusal.ts'
import type { Route } from './api/route.ts'
import { securityHeaders } from './guard/security_headers.ts'
import { readPageFiles, sendPageFile } from './page_files.ts'
import { createServiceDiscovery, metricsResponse, probeResponse } from './prometheus_routes.ts'
import { bodyOf } from './request_body.ts'
import type { Ports } from './web_ports.ts'

export interface AppOptions {
  readonly ports: Ports
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  /** What is served; absent: everything. */
  readonly parts?: readonly Part[]
  /** Headers of every response beside our own, or in the place of those. */
  readonly headers?: () => Readonly<Record<string, string>>
}

/** `metrics` is what Prometheus reads, `health` what orchestrators do, `page` everything else. */
export type Part = 'page' | 'metrics' | 'health'

const allParts: readonly Part[] = ['page', 'metrics', 'health']

/** @throws Error when files of the page are missing from the installation */
export function createApp(options: AppOptions): Hono {
  const { ports, log, parts = allParts, headers = () => ({}) } = options
  // Not strict: a slash at the end makes no other path.
  const app = new Hono({ strict: false })
  app.use(hardened(headers))
  if (parts.includes('page')) pageRoutes(app, options)
  if (parts.includes('metrics')) metricsRoutes(app, options)
  if (parts.includes('health')) healthRoutes(app, ports)
  app.notFound((c) => c.text('There is nothing here. The page at / leads to what there is.\n', 404))
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json({ error: error.message }, error.status)
    log.error(
      { path: c.req.path, error: error.stack ?? error.message },
      'a request failed because of a defect',
    )
    return c.text('farmprobe failed to answer; its log says why.\n', 500)
  })
  return app
}

function pageRoutes(app: Hono, options: AppOptions): void {
  const { ports } = options
  for (const [path, file] of readPageFiles()) serve(app, path, { get: (c) => sendPageFile(c, file) })
  serve(app, '/config', { get: (c) => c.text(ports.config()) })
  const reloads: Answer = (c) => reload(c, ports)
  serve(app, '/-/reload', { post: reloads, put: reloads })
  app.use('/api/*', compress({ contentTypeFilter: /^application\/json/ }))
  for (const [path, routes] of Map.groupBy(apiRoutes, (route) => route.path))
    serve(app, path, Object.fromEntries(routes.map((route) => [route.method, apiAnswer(route, options)])))
  serve(app, '/api/v1/openapi.json', {
    get: async (c) => c.json((await import('./api/openapi.ts')).openapi(apiRoutes, options.version)),
  })
}

const apiAnswer =
  ({ respond }: Route, { ports, version, clock }: AppOptions): Answer =>
  (c) =>
    respond(c, { ports, version, clock, nowMs: clock.wallMs() })

function metricsRoutes(app: Hono, { ports }: AppOptions): void {
  serve(app, '/metrics', { get: (c) => metricsResponse(c, ports) })
  app.use('/probe', sameSite)
  serve(app, '/probe', { get: (c) => probeResponse(c, ports) })
  const discovered = createServiceDiscovery()
  const json = { 'Content-Type': 'application/json' }
  serve(app, '/sd', { get: (c) => c.body(discovered(ports.farms()), 200, json) })
}

function healthRoutes(app: Hono, ports: Ports): void {
  serve(app, '/-/healthy', { get: (c) => c.text('farmprobe is healthy.\n') })
  serve(app, '/-/ready', {
    get: (c) =>
      ports.isReady() ? c.text('farmprobe is ready.\n') : c.text('farmprobe is not ready yet.\n', 503),
  })
}

const hardened =
  (headers: () => Readonly<Record<string, string>>): MiddlewareHandler =>
  async (c, next) => {
    await next()
    for (const [name, value] of Object.entries({ ...securityHeaders, ...headers() }))
      c.res.headers.set(name, value)
  }

type Answer = (c: Context) => Response | Promise<Response>

/** One path: what reads it, what changes something at it, and a refusal of every other method. */
function serve(app: Hono, path: string, { get, post, put }: { get?: Answer; post?: Answer; put?: Answer }) {
  if (get !== undefined) app.get(path, get)
  if (post !== undefined) app.post(path, sameSite, post)
  if (put !== undefined) app.put(path, sameSite, put)
  const allowed = [get && 'GET, HEAD', post && 'POST', put && 'PUT'].filter(Boolean).join(', ')
  app.all(path, (c) =>
    c.text(`${c.req.method} is not possible here, only ${allowed} is.\n`, 405, { Allow: allowed }),
  )
}

/**
 * A page elsewhere must not change or probe anything through a visitor's browser. Over plain HTTP browsers send no
 * Sec-Fetch-Site, but the page's Origin with whatever is not a GET; tools send neither.
 */
const sameSite: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header('Origin')
  const isOwnPage = origin === undefined || URL.parse(origin)?.host === new URL(c.req.url).host
  const site = c.req.header('Sec-Fetch-Site') ?? (isOwnPage ? 'same-origin' : 'cross-site')
  if (site === 'none' || site === 'same-origin') return next()
  return c.text('Requests from pages of other sites are refused.\n', 403)
}

/** Refuses as Prometheus does when its lifecycle API is off. */
async function reload(c: Context, ports: Ports): Promise<Response> {
  await bodyOf(c)
  if (ports.reload === undefined) return c.text(`${notEnabled('Reloading')}\n`, 403)
  if (await ports.reload()) return c.text('The configuration was reloaded.\n')
  return c.text('The configuration is bad, so the old one stays in use; the log lists its problems.\n', 500)
}
