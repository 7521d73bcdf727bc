/** Every route of the web interface, as a function from request to response. */
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { eventsApi } from './api/events_api.ts'
import { failuresApi } from './api/failures_api.ts'
import { farmsApi } from './api/farms_api.ts'
import { maintenanceApi } from './api/maintenance_api.ts'
import { addMarkApi, marksApi } from './api/marks_api.ts'
import { notEnabled } from './api/not_enabled.ts'
import { openapi } from './api/openapi.ts'
import { Refusal } from './api/refusal.ts'
import { seriesApi } from './api/series_api.ts'
import { streamApi } from './api/stream_api.ts'
import { stripsApi } from './api/strips_api.ts'
import { serviceDiscovery } from './api/targets_view.ts'
import { createGate, gated } from './guard/client_limits.ts'
import type { OnTurnedAway } from './guard/refused_clients.ts'
import { securityHeaders } from './guard/security_headers.ts'
import { metricsResponse } from './metrics_response.ts'
import { readPageFiles, sendPageFile } from './page_files.ts'
import { probeResponse } from './probe_response.ts'
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
  readonly onTurnedAway?: OnTurnedAway
}

/** `metrics` is what Prometheus reads, `health` what orchestrators do, `page` everything else. */
export type Part = 'page' | 'metrics' | 'health'

const allParts: readonly Part[] = ['page', 'metrics', 'health']

/** The largest request body that any route takes, in bytes. */
export const maxBodyBytes: number = 64 * 1024

/** Expositions and event streams that may be under way at once, each for as long as its client takes. */
const gates = {
  metrics: { most: 40, mostOfOne: 8 },
  stream: { most: 200, mostOfOne: 50 },
} as const

/** @throws Error when files of the page are missing from the installation */
export function createApp(options: AppOptions): Hono {
  const { ports, log, parts = allParts, headers = () => ({}) } = options
  const app = new Hono()
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
  app.use('/api/*', compress({ contentTypeFilter: /^application\/json/ }))
  for (const [path, file] of readPageFiles()) get(app, path, (c) => sendPageFile(c, file))
  get(app, '/config', (c) => c.text(ports.config()))
  apiRoutes(app, options)
  post(app, '/-/reload', (c) => reload(c, ports))
}

function metricsRoutes(app: Hono, { ports, onTurnedAway }: AppOptions): void {
  app.use('/metrics', gated(createGate(gates.metrics), 'scrapes', onTurnedAway))
  get(app, '/metrics', (c) => metricsResponse(c, ports))
  app.use('/probe', sameSite)
  get(app, '/probe', (c) => probeResponse(c, ports))
  get(app, '/sd', (c) => c.json(serviceDiscovery(ports.farms())))
}

function healthRoutes(app: Hono, ports: Ports): void {
  get(app, '/-/healthy', (c) => c.text('farmprobe is healthy.\n'))
  get(app, '/-/ready', (c) =>
    ports.isReady() ? c.text('farmprobe is ready.\n') : c.text('farmprobe is not ready yet.\n', 503),
  )
}

function apiRoutes(app: Hono, { ports, version, clock, onTurnedAway }: AppOptions): void {
  get(app, '/api/v1/farms', (c) => farmsApi(c, ports, version, clock.wallMs()))
  get(app, '/api/v1/events', (c) => eventsApi(c, ports, clock.wallMs()))
  get(app, '/api/v1/strips', (c) => stripsApi(c, ports, clock.wallMs()))
  get(app, '/api/v1/series', (c) => seriesApi(c, ports, clock.wallMs()))
  get(app, '/api/v1/failures', (c) => failuresApi(c, ports, clock.wallMs()))
  app.use('/api/v1/stream', gated(createGate(gates.stream), 'streams', onTurnedAway))
  get(app, '/api/v1/stream', (c) => streamApi(c, ports))
  get(app, '/api/v1/openapi.json', (c) => c.json(openapi(version)))
  post(
    app,
    '/api/v1/marks',
    (c) => addMarkApi(c, ports, clock.wallMs()),
    (c) => marksApi(c, ports, clock.wallMs()),
  )
  post(app, '/api/v1/maintenance', (c) => maintenanceApi(c, ports))
}

const hardened =
  (headers: () => Readonly<Record<string, string>>): MiddlewareHandler =>
  async (c, next) => {
    await next()
    for (const [name, value] of Object.entries({ ...securityHeaders, ...headers() }))
      c.res.headers.set(name, value)
  }

type Answer = (c: Context) => Response | Promise<Response>

function get(app: Hono, path: string, answer: Answer): void {
  app.get(path, answer)
  app.all(path, (c) => notAllowed(c, 'GET, HEAD'))
}

/** A change, and where there is something to read at the same path, the reading of it. */
function post(app: Hono, path: string, answer: Answer, read?: Answer): void {
  app.post(path, sameSite, bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }), answer)
  if (read !== undefined) app.get(path, read)
  app.all(path, (c) => notAllowed(c, read === undefined ? 'POST' : 'GET, HEAD, POST'))
}

const notAllowed = (c: Context, allowed: string) =>
  c.text(`${c.req.method} is not possible here, only ${allowed} is.\n`, 405, { Allow: allowed })

const tooLarge = (c: Context) => c.text(`The body exceeds ${maxBodyBytes} bytes.\n`, 413)

/** A page elsewhere must not change or probe anything through a visitor's browser; tools send no Sec-Fetch-Site. */
const sameSite: MiddlewareHandler = async (c, next) => {
  const site = c.req.header('Sec-Fetch-Site') ?? 'none'
  if (site === 'none' || site === 'same-origin') return next()
  return c.text('Requests from pages of other sites are refused.\n', 403)
}

/** Refuses as Prometheus does when its lifecycle API is off. */
async function reload(c: Context, ports: Ports): Promise<Response> {
  if (ports.reload === undefined) return c.text(`${notEnabled('Reloading')}\n`, 403)
  if (await ports.reload()) return c.text('The configuration was reloaded.\n')
  return c.text('The configuration is bad, so the old one stays in use; the log lists its problems.\n', 500)
}
