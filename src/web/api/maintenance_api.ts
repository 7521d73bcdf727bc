import { parseDurationMs } from '../../runtime/duration.ts'
import { farmNamed } from './named_targets.ts'
import { Refusal } from './refusal.ts'
import { changeRoute, type Route } from './route.ts'

const example = 'send {"farm": "<name>", "for": "<duration such as 1h; 0s ends it>"} as application/json'

export const maintenanceApi: Route = changeRoute({
  path: '/api/v1/maintenance',
  summary: 'Declares maintenance of a farm from now on; `0s` ends it.',
  port: 'maintain',
  change: 'Declaring maintenance',
  body: 'maintenance',
  example,
  status: 200,
  schema: 'maintenance',
  answer({ farm, for: duration }, maintain, { ports }) {
    const durationMs = parseDurationMs(duration)
    if (durationMs === undefined)
      throw new Refusal(400, `for: ${JSON.stringify(duration)} is not a duration: ${example}`)
    const { name } = farmNamed(ports, farm)
    maintain(name, durationMs)
    return { farm, maintenance: durationMs > 0 }
  },
})
