/** What is answered about incidents. */
import { z } from 'zod'
import { event } from './event_schema.ts'
import { incident as one } from './incident_schema.ts'
import { atMs } from './shared_schema.ts'

export const incidents = z.strictObject({
  sinceMs: atMs,
  untilMs: atMs,
  limited: z.boolean().describe('There are more: these are the newest.'),
  incidents: z.array(one),
})

export const incident = one.extend({ events: z.array(event).describe('The oldest first.') })
