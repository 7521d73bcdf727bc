/** Events as the API tells them. */
import { z } from 'zod'
import { causes, habits, recycleEvidence, sides, workerCauses } from '../../model/event.ts'
import {
  at,
  atMs,
  check,
  farm,
  lane,
  ms,
  reason,
  reasonCounts,
  role,
  status,
  target,
  verdict,
} from './schema_words.ts'

const happening = {
  id: z.string().describe('The same for the same event, for ever.'),
  at,
  atMs,
  farm,
  maintenance: z.boolean().describe('It happened in a maintenance window.'),
  sentence: z.string().describe('What happened, for people.'),
}

const evidence = z.enum(recycleEvidence)
const confidence = z.number().min(0).max(1)

export const event = z.discriminatedUnion('kind', [
  z.strictObject({
    ...happening,
    kind: z.literal('recycle').describe('A new worker process behind a node.'),
    target,
    evidence,
    confidence,
  }),
  z.strictObject({
    ...happening,
    kind: z.literal('first_request').describe('The first request that a new worker answered.'),
    target,
    check,
    firstByteMs: ms,
    reason,
  }),
  z.strictObject({
    ...happening,
    kind: z.literal('outage_opened'),
    role,
    target,
    check,
    reason,
    detail: z.string(),
  }),
  z.strictObject({
    ...happening,
    kind: z.literal('outage_closed'),
    role,
    target,
    check,
    reason,
    lengthMs: ms.describe('From the first failure to the first success.'),
    failures: reasonCounts,
  }),
  z.strictObject({
    ...happening,
    kind: z.literal('verdict'),
    check,
    verdict,
    previous: verdict,
    heldMs: ms.describe('How long the previous verdict held.'),
  }),
  z.strictObject({
    ...happening,
    kind: z.literal('balancer_error').describe('An error answer or time-out of the balancer, explained.'),
    check,
    probe: z.string().describe('The X-Farmprobe-Id of the probe that met it.'),
    lane,
    status,
    origin: z.string(),
    tells: z.string().optional().describe('What the answer tells, for people; begins with who made it.'),
    firstByteMs: ms,
    node: z.string().describe('The node to blame, `balancer` or `unknown`.'),
    cause: z.enum(causes),
  }),
  z.strictObject({ ...happening, kind: z.literal('deploy'), targets: z.array(target) }),
  z.strictObject({
    ...happening,
    kind: z.literal('habit').describe('A regularity of recycles.'),
    target,
    habit: z.enum(habits),
  }),
  z.strictObject({ ...happening, kind: z.literal('maintenance'), active: z.boolean() }),
  z.strictObject({
    ...happening,
    kind: z.literal('crosscheck').describe('A recycle, as seen from outside and as counted inside.'),
    target,
    seen: z.enum(sides).describe('Who saw it.'),
    outside: z.strictObject({ atMs, evidence, confidence }).optional(),
    inside: z
      .strictObject({
        fromMs: atMs,
        toMs: atMs,
        cause: z.enum(workerCauses),
        workers: z.int().min(1).describe('New worker processes, of all pools of the site.'),
        pools: z.array(z.string()),
      })
      .optional()
      .describe('What IIS counted between two readings of windows_exporter.'),
  }),
  z.strictObject({
    ...happening,
    kind: z.literal('exporter').describe('windows_exporter on a node: unreadable, or readable again.'),
    target,
    up: z.boolean(),
    detail: z.string().describe('Why it cannot be read; empty when it can.'),
  }),
])
