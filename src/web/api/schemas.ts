/**
 * What the API sends, as schemas: the document and the types of the handlers are made from them, and tests compare every
 * answer with them. Import types from here; the schemas themselves are loaded with the document only.
 */
import { z } from 'zod'
import { was } from './crosscheck_schema.ts'
import {
  at,
  atMs,
  check,
  event,
  farm,
  lane,
  ms,
  phaseMs,
  reason,
  reasonCounts,
  role,
  status,
  target,
  verdict,
} from './event_schema.ts'
import { incident, incidents } from './incident_answers.ts'
import { affinity, briefProbe, remark, targetStanding } from './target_schema.ts'

export const problem = z.strictObject({
  error: z.string().describe('What was wrong, and what would be right.'),
})

const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('interval'), intervalMs: ms }),
  z.strictObject({ kind: z.literal('cron'), cron: z.string(), timezone: z.string() }),
])

const farms = z.strictObject({
  version: z.string(),
  shard: z
    .strictObject({ index: z.int().min(0), count: z.int().min(1) })
    .nullable()
    .describe('Which shard of how many this farmprobe is, counted from 0; null when it has all farms.'),
  nowMs: atMs,
  history: z.strictObject({
    kind: z.enum(['journal', 'memory']),
    oldestMs: atMs.describe('How far back the other answers reach.'),
  }),
  changesAllowed: z.boolean().describe('Started with --web.enable-lifecycle.'),
  farms: z.array(
    z.strictObject({
      name: farm,
      url: z.string(),
      verdict: verdict.nullable().describe('The worst of all checks.'),
      maintenance: z.boolean(),
      affinity,
      targets: z.array(targetStanding),
      checks: z.array(
        z.strictObject({
          name: check,
          method: z.string(),
          path: z.string().describe('Without its query, which may hold a secret.'),
          schedule,
          timeoutMs: ms,
          targets: z.array(role),
          canary: z.boolean(),
          verdict: verdict.nullable(),
          verdictSinceMs: atMs.nullable(),
        }),
      ),
    }),
  ),
})

const span = { sinceMs: atMs, untilMs: atMs }

const events = z.strictObject({
  ...span,
  limited: z.boolean().describe('There are more: these are the newest.'),
  events: z.array(event),
  blind: z
    .array(z.strictObject({ atMs, untilMs: atMs, farm: farm.optional(), sentence: z.string() }))
    .describe('Times of which little or nothing is known.'),
})

const strips = z.strictObject({
  ...span,
  stepMs: ms,
  strips: z.array(
    z.strictObject({
      farm,
      target,
      probes: z.array(z.int().min(0)).describe('Per step, as are the two lists after it.'),
      failures: z.array(z.int().min(0)),
      firstByteMaxMs: z.array(ms),
      reasons: z.record(z.string(), reason).describe('The most frequent failure, by the number of the step.'),
      recycledAtMs: z.array(atMs),
      stalls: z.array(z.strictObject({ atMs, lengthMs: ms })).describe('When it answered nobody.'),
    }),
  ),
})

const series = z.strictObject({
  farm,
  target,
  check,
  ...span,
  stepMs: ms,
  baselineMs: ms.nullable(),
  highMs: ms.nullable(),
  steps: z.array(
    z.strictObject({
      atMs: atMs.describe('Where the step begins; a step without probes is left out.'),
      probes: z.int().min(0),
      failures: z.int().min(0),
      reasons: reasonCounts,
      firstByteMs: z.strictObject({ p50: ms, p95: ms, max: ms }).nullable().describe('Of scheduled probes.'),
      phaseMs: phaseMs.nullable().describe('The mean of scheduled probes.'),
    }),
  ),
  probes: z.array(briefProbe).describe('Every single probe of the last minutes.'),
})

const failures = z.strictObject({
  ...span,
  failures: z.array(
    z.strictObject({
      id: z.string().describe('The X-Farmprobe-Id of the probe.'),
      traceId: z.string().nullable().describe('The trace that it began, where the check has `trace`.'),
      at,
      atMs,
      farm,
      role,
      target,
      check,
      lane,
      reason,
      detail: z.string(),
      status,
      phaseMs,
      authMs: ms.nullable().describe('The handshake of an authentication, which no phase has.'),
      firstByteMs: ms.nullable(),
      totalMs: ms,
      latenessMs: ms.describe('How late farmprobe itself can have made it, at most.'),
      address: z.string(),
      origin: z.string().nullable().describe('Who generated the error answer; docs/origins.md has all.'),
      tells: z.string().nullable().describe('Who made the error answer and what it says, for people.'),
      servedBy: z.string().nullable(),
      evidence: z
        .strictObject({
          statusText: z.string(),
          headers: z.array(z.strictObject({ name: z.string(), value: z.string() })),
          bodyStart: z.string(),
        })
        .nullable()
        .describe('What the answer said: from a possibly hostile peer, unescaped.'),
    }),
  ),
})

const mark = z.strictObject({
  id: z.string(),
  at,
  atMs,
  text: z.string(),
  farm: farm.optional(),
  target: target.optional(),
})

const marks = z.union([
  z.strictObject({ ...span, marks: z.array(mark) }),
  // With `format=grafana`.
  z.array(z.strictObject({ time: atMs, title: z.string(), text: z.string(), tags: z.array(z.string()) })),
])

const maintenance = z.strictObject({ farm, maintenance: z.boolean() })

const batch = z.strictObject({
  probes: z.array(briefProbe.extend({ farm, role, target, check, detail: z.string().optional(), remark })),
  events: z.array(event),
  marks: z.array(mark),
  farmsChanged: z.boolean().describe('Farms or nodes have come or gone: read /api/v1/farms anew.'),
})

/** By the name that a route gives. */
export const answers = {
  farms,
  events,
  incidents,
  incident,
  strips,
  series,
  failures,
  mark,
  marks,
  maintenance,
  was,
  batch,
}

export type AnswerName = keyof typeof answers

export type Answer<N extends AnswerName> = Frozen<z.input<(typeof answers)[N]>>

export type EventView = Answer<'events'>['events'][number]
export type BriefProbe = Answer<'series'>['probes'][number]
export type MarkView = Answer<'mark'>

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T
