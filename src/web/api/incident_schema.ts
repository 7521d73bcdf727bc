/** Incidents as the API sends them. */
import { z } from 'zod'
import { causes, impacts, weights } from '../../model/incident.ts'
import { atMs, check, farm } from './shared_schema.ts'

const count = z.int().min(0)
const share = z.number().min(0).max(1)
const cause = z.enum(causes)

export const incidentId = z.string().describe('The id of an incident: it never changes.')

export const incident = z.strictObject({
  id: incidentId,
  farm,
  impact: z
    .enum(impacts)
    .describe('`users`: the balancer failed. `hidden`: nodes failed or stalled, and the balancer did not.'),
  openedMs: atMs.describe('When the first sign was sent.'),
  closedMs: atMs.nullable().describe('When the last sign ended; null while it goes on.'),
  maintenance: z.boolean().describe('It began in a maintenance window.'),
  checks: z.array(check).describe('Those that saw it.'),
  errors: z
    .record(z.string(), z.int().min(1))
    .describe(
      'Failed probes at the balancer, of every lane, by status code; those without an error code by reason.',
    ),
  usersMs: z
    .strictObject({ fromMs: atMs, toMs: atMs })
    .nullable()
    .describe('From when the first failed probe at the balancer was sent to when the last one ended.'),
  probes: count.describe(
    'Scheduled probes at the balancer, sent from the first of them that failed to the last that did.',
  ),
  failed: count.describe('How many of these failed.'),
  failedShare: share.describe('`failed` of `probes`; 0 when no scheduled probe failed.'),
  nodes: z.array(
    z.strictObject({
      node: z.string().describe('A node, `balancer` or `unknown`.'),
      cause,
      errors: count.describe('Errors of the balancer that are attributed to it.'),
      failures: count.describe('Failed probes at the node itself.'),
    }),
  ),
  node: z.string().describe('The culprit: a node, `balancer`, `several` or `unknown`.'),
  cause,
  confidence: share.describe('How sure it is that this was the culprit.'),
  why: z
    .array(z.strictObject({ weight: z.enum(weights), sentence: z.string() }))
    .describe('Why it is the culprit: the strongest first, what speaks against it last.'),
  summary: z.string().describe('One sentence.'),
  cure: z.string().describe('What to set or to look into first.'),
  runbook: z.string().describe('The name of a runbook in docs/runbooks, without its extension.'),
  amended: z.array(z.string()).describe('What became known after it was closed.'),
})
