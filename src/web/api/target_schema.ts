/** How targets stand, as the API tells it. */
import { z } from 'zod'
import { linkStates } from '../../model/link.ts'
import { crosscheck } from './crosscheck_schema.ts'
import { atMs, check, lane, ms, reason, role, status, target } from './event_schema.ts'

export const briefProbe = z.strictObject({
  atMs,
  lane,
  proof: z
    .enum(['ok', 'failure', 'nothing'])
    .describe('`nothing`: farmprobe itself may have caused it, so it counts as no failure.'),
  reason,
  status,
  firstByteMs: ms.optional(),
  totalMs: ms,
})

export const remark = z.string().optional().describe('What is wrong in an answer that most balancers take.')

export const targetStanding = z.strictObject({
  role,
  target,
  scheme: z.enum(['http', 'https']),
  address: z.string(),
  lastRecycleMs: atMs.nullable(),
  crosscheck,
  through: z
    .strictObject({
      state: z
        .enum([...linkStates, 'unknown'])
        .describe('As in the event `link`; `unknown`: no cookie of the node is known yet.'),
      okMs: atMs.nullable().describe('When the newest probe was sent that the node answered.'),
      sinceMs: atMs.nullable().describe('Since when it is not `ok`.'),
    })
    .nullable()
    .describe(
      'How the node is reached through the balancer; null where affinity is not configured, or names no nodes.',
    ),
  checks: z.array(
    z.strictObject({
      check,
      baselineMs: ms.nullable().describe('Median warm time to first byte; null until it is known.'),
      highMs: ms.nullable().describe('What 98 of 100 warm answers keep to.'),
      outageSinceMs: atMs.nullable().describe('Since when an outage is on; null when none is.'),
      last: briefProbe.extend({ detail: z.string(), remark }).nullable().describe('The newest probe.'),
    }),
  ),
})

/** Of a farm. */
export const affinity = z
  .strictObject({
    cookie: z.string(),
    named: z
      .boolean()
      .describe('Whether answers say which node a cookie belongs to; if not, nodes are numbered.'),
    known: z.int().min(0).describe('Of how many nodes a cookie is known.'),
  })
  .nullable()
  .describe('The cookie by which nodes are probed through the balancer; null where it is not configured.')
