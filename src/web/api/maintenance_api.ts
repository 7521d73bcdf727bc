import type { Context } from 'hono'
import { z } from 'zod'
import { parseDurationMs } from '../../runtime/duration.ts'
import type { Ports } from '../web_ports.ts'
import { notEnabled } from './not_enabled.ts'
import { noSuchFarm } from './query_parameters.ts'

export const maintenanceRequest = z.strictObject({ farm: z.string(), for: z.string() })

const wanted = 'send {"farm": "<name>", "for": "<duration such as 1h; 0s ends it>"} as application/json'

/** `POST /api/v1/maintenance`: declares maintenance of a farm from now on, or ends what was so declared. */
export async function maintenanceApi(c: Context, ports: Ports): Promise<Response> {
  if (ports.maintain === undefined) return c.json({ error: notEnabled('Declaring maintenance') }, 403)
  if (!/^application\/json(;|$)/i.test(c.req.header('Content-Type') ?? ''))
    return c.json({ error: `the body is not JSON: ${wanted}` }, 415)
  const { data } = maintenanceRequest.safeParse(await c.req.json().catch(() => undefined))
  if (data === undefined) return c.json({ error: `the body is not as expected: ${wanted}` }, 400)
  const durationMs = parseDurationMs(data.for)
  if (durationMs === undefined)
    return c.json({ error: `for: ${JSON.stringify(data.for)} is no duration: ${wanted}` }, 400)
  if (!ports.maintain(data.farm, durationMs)) return c.json({ error: noSuchFarm(data.farm, ports) }, 404)
  return c.json({ farm: data.farm, maintenance: durationMs > 0 })
}
