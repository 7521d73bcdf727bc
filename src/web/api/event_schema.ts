/** Events as the API sends them, and the words that its schemas share. */
import { z } from 'zod'
import {
  type FarmEvent,
  habits,
  identityFindings,
  lateNews,
  recycleEvidence,
  verdicts,
} from '../../model/event.ts'
import { causes } from '../../model/incident.ts'
import { linkStates } from '../../model/link.ts'
import { lanes, phases, reasons } from '../../model/outcome.ts'
import { endReasons, sides, workerCauses } from '../../model/workers.ts'
import { incident, incidentId } from './incident_schema.ts'
import { atMs, check, farm, ms } from './shared_schema.ts'

export { atMs, check, farm, ms }

export const at = z.iso.datetime().describe('The same time as atMs, as RFC 3339 in UTC.')
export const target = z.string().describe('The name of a node, or `balancer`.')
export const role = z.enum(['balancer', 'node', 'through'])
export const reason = z.enum(reasons).describe('Why a probe failed, or `ok`; the set is closed.')
export const verdict = z.enum(verdicts)
const traceId = z.string().optional().describe('The trace that the probe began, where the check has `trace`.')

export const lane = z.enum(lanes).describe('Why a probe ran.')
export const reasonCounts = z.partialRecord(reason, z.int().min(0)).describe('Failures by reason.')
export const phaseMs = z
  .partialRecord(z.enum(phases), ms)
  .describe('Milliseconds per phase; one never reached is absent.')
export const status = z.int().describe('The status code; 0 when no answer came.')

const evidence = z.enum(recycleEvidence)
const confidence = z.number().min(0).max(1)

/** An event of one kind: what all have, and what it has beside. */
const ofKind = <K extends FarmEvent['kind'], S extends z.core.$ZodLooseShape>(
  kind: K,
  description: string,
  shape: S,
) =>
  z.strictObject({
    id: z.string().describe('The same event always has the same id.'),
    at,
    atMs,
    farm,
    maintenance: z.boolean().describe('It happened in a maintenance window.'),
    incident: incidentId.optional(),
    sentence: z.string().describe('What happened, for people.'),
    kind: z.literal(kind).describe(description),
    ...shape,
  })

export const event = z.discriminatedUnion('kind', [
  ofKind('recycle', 'A new worker process behind a node.', {
    target,
    evidence,
    confidence,
    because: z.string().optional().describe('Why it is one, where that had to be concluded.'),
  }),
  ofKind('stall', 'For a time a node answered nobody.', {
    target,
    lengthMs: ms.describe('From the start of the first probe that was owed an answer to the first answer.'),
    probes: z.int().min(1).describe('Probes that waited, failed or were given up.'),
  }),
  ofKind('first_request', 'The first request that a new worker answered.', {
    target,
    check,
    firstByteMs: ms,
    reason,
    traceId,
    userFirst: z.literal(true).optional().describe('A user was first, and waited at least as long.'),
  }),
  ofKind('outage_opened', 'A target fails.', { role, target, check, reason, detail: z.string() }),
  ofKind('outage_closed', 'A target answers again.', {
    role,
    target,
    check,
    reason,
    lengthMs: ms.describe('From the first failure to the first success.'),
    failures: reasonCounts,
  }),
  ofKind('verdict', 'The state of a farm has changed, as one check sees it.', {
    check,
    verdict,
    previous: verdict,
    heldMs: ms.describe('How long the previous verdict held.'),
  }),
  ofKind('balancer_error', 'An error answer or time-out of the balancer, explained.', {
    check,
    probe: z.string().describe('The X-Farmprobe-Id of the probe that got it.'),
    traceId,
    lane,
    status,
    origin: z.string(),
    tells: z.string().optional().describe('What the answer says, for people; begins with who made it.'),
    firstByteMs: ms,
    node: z.string().describe('The node that caused it, `balancer` or `unknown`.'),
    cause: z.enum(causes),
    suspects: z
      .array(z.string())
      .optional()
      .describe('Where `node` is unknown: it is one of these, each of which explains the error.'),
  }),
  ofKind('link', 'A node through the balancer: what has changed.', {
    target,
    state: z
      .enum(linkStates)
      .describe(
        '`failing`: the balancer does not reach the node, which answers by itself. `elsewhere`: it sends what has the ' +
          "node's cookie to another. `ok`: it works again.",
      ),
    previous: z.enum(linkStates),
    lengthMs: ms.describe('How long the previous state held; of one that begins, how long it has been seen.'),
    failures: z.record(z.string(), z.int().min(0)).describe('Failed probes by status code, or reason.'),
    other: target.optional().describe('The node that answered instead.'),
  }),
  ofKind('deploy', 'Several nodes recycled in turn.', { targets: z.array(target) }),
  ofKind('habit', 'A regularity of recycles.', { target, habit: z.enum(habits) }),
  ofKind('identity', 'What should identify workers does not, or what does was found.', {
    target,
    check,
    finding: z.enum(identityFindings),
    other: target.optional().describe('The node that shows the same token.'),
    source: z.string().optional().describe('Where the identity was found, such as `header X-Boot`.'),
  }),
  ofKind('maintenance', 'Maintenance has begun or ended.', { active: z.boolean() }),
  ofKind('crosscheck', 'A recycle, as seen from outside and as counted inside.', {
    target,
    seen: z.enum(sides).describe('Who saw it.'),
    late: z
      .enum(lateNews)
      .optional()
      .describe(
        'It was told before, and only now WAS says why the worker ended, or it shows from outside as well.',
      ),
    outside: z.strictObject({ atMs, evidence, confidence }).optional(),
    inside: z
      .strictObject({
        fromMs: atMs,
        toMs: atMs,
        cause: z.enum(workerCauses),
        workers: z.int().min(1).describe('New worker processes, of all pools of the site.'),
        pools: z.array(z.string()),
        was: z
          .strictObject({
            atMs,
            id: z.int().describe('Of the event: 5074, 5186, ...'),
            reason: z.enum(endReasons),
            what: z.string().describe('In words.'),
          })
          .optional()
          .describe('Why the worker before it ended, as WAS wrote it.'),
      })
      .optional()
      .describe('What IIS counted between two readings of windows_exporter, or what WAS wrote.'),
  }),
  ofKind('exporter', 'windows_exporter on a node: unreadable, or readable again.', {
    target,
    up: z.boolean(),
    detail: z.string().describe('Why it cannot be read; empty when it can.'),
  }),
  ofKind(
    'incident_opened',
    'A trouble has begun; or one that was hidden has reached users, and is told again with that impact.',
    { snapshot: incident },
  ),
  ofKind(
    'incident_closed',
    'A trouble is over; or more has become known of one that is, and `snapshot.amended` says what.',
    { snapshot: incident },
  ),
])
