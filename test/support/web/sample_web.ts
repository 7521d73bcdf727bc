import type { Hono } from 'hono'
import { systemClock } from '../../../src/runtime/clock.ts'
import { apiRoutes } from '../../../src/web/api/api_routes.ts'
import { answers, problem } from '../../../src/web/api/schemas.ts'
import { createLive, type Live } from '../../../src/web/live/live.ts'
import { createApp } from '../../../src/web/routes.ts'
import type { Ports } from '../../../src/web/web_ports.ts'
import { sampleFarm } from '../farms/sample_farm.ts'
import { quietLog } from '../quiet_log.ts'

/** What time it is for such a service, in wall milliseconds. */
export const sampleNowMs = Date.parse('2026-02-03T04:05:06Z')

/** What a service that runs one farm would give the web; no change is allowed unless a test adds it. */
export function samplePorts(changes: Partial<Ports> = {}): Ports {
  const live = changes.live ?? createLive({ ...systemClock, wallMs: () => sampleNowMs })
  return {
    render: (accept) => ({
      contentType: 'text/plain; version=0.0.4',
      chunks: piecesOf(`accept ${accept}\n`),
    }),
    isReady: () => true,
    farms: () => [sampleFarm()],
    config: () => 'farms: []\n',
    live,
    history: () => live.recent,
    readings: () => undefined,
    inMaintenance: () => false,
    crosscheck: () => undefined,
    was: () => undefined,
    onDemand: async () => ({ status: 403, contentType: 'text/plain', text: 'nothing is probed here\n' }),
    ...changes,
  }
}

async function* piecesOf(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces
}

/** The web interface on such ports, to be asked with `request`; an answer that the API does not document is an error. */
export function sampleApp(changes: Partial<Ports> = {}): Hono {
  const clock = { ...systemClock, wallMs: () => sampleNowMs }
  const app = createApp({ ports: samplePorts(changes), version: '1.2.3', clock, log: quietLog().log })
  const { request } = app
  app.request = async (input, init, ...rest) => {
    const response = await request(input, init, ...rest)
    if (typeof input === 'string') await refuseUndocumented(input, init?.method ?? 'GET', response)
    return response
  }
  return app
}

/** @throws ZodError when the answer is not as the route's schema has it */
async function refuseUndocumented(path: string, method: string, response: Response): Promise<void> {
  const route = apiRoutes.find(
    (each) => each.path === path.replace(/\?.*/, '') && each.method === method.toLowerCase(),
  )
  const isJson = response.headers.get('Content-Type') === 'application/json'
  if (route === undefined || !isJson) return
  const schema = response.ok ? answers[route.schema] : problem
  schema.parse(await response.clone().json())
}

/** A service's memory that is so old, in milliseconds. */
export const sampleLive = (ageMs: number): Live =>
  createLive({ ...systemClock, wallMs: () => sampleNowMs - ageMs })

/** A request that sends JSON. */
export const jsonPost = (body: unknown) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})
