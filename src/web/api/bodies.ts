/** The bodies of changes. Import types from here; the schemas are loaded with the first change, or with the document: they cost memory. */
import { z } from 'zod'
import { longestMark } from '../body_limits.ts'

export const bodies = {
  mark: z.strictObject({
    text: z.string().trim().min(1).max(longestMark),
    farm: z.string().optional(),
    target: z.string().optional(),
    at: z.string().optional(),
  }),
  maintenance: z.strictObject({ farm: z.string(), for: z.string() }),
}

export type BodyName = keyof typeof bodies

export type Body<N extends BodyName> = z.infer<(typeof bodies)[N]>
