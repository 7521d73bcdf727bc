/** What the API tells of the inside of nodes. */
import { z } from 'zod'
import { atMs } from './shared_schema.ts'

export const crosscheck = z
  .strictObject({
    exporter: z.boolean().describe('Whether windows_exporter is read at all.'),
    up: z.boolean().nullable().describe('Whether it was read the last time; null before the first.'),
    detail: z.string().describe('Why it cannot be read; empty when it can.'),
    readMs: atMs.nullable(),
    pools: z.array(
      z.strictObject({
        pool: z.string(),
        state: z.string().nullable().describe('Such as `Running`.'),
        workers: z.int().min(0).nullable().describe('Worker processes.'),
      }),
    ),
    was: z
      .strictObject({
        untilMs: atMs.describe('Up to when they are known.'),
        skewMs: z.number().describe("How far the node's clock is ahead of farmprobe's."),
      })
      .nullable()
      .describe("WAS's events; null before any came."),
  })
  .nullable()
  .describe('What is known from inside the node; null where it is not cross-checked.')

export const was = z.strictObject({
  events: z.int().describe('By which a worker process ended.'),
  fresh: z.int().describe('Of these, those of cross-checked pools that were not known before.'),
  nodes: z.array(z.string()).describe('The nodes they are of, as `farm/node`.'),
  remarks: z.array(z.string()).describe('What the sender should look at.'),
})
