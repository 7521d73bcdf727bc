/** What every part of the schema is made of: values that become proof, mappings, lists, and their documentation. */
import * as z from 'zod'
import type { Path } from '../yaml/problem.ts'

/** Reports that a value is wrong; returns undefined, which is what a wrong value becomes. */
export type Wrong = (what: string, right?: string, at?: Path) => undefined

/** A part of the schema; what is missing or wrong becomes undefined, so that the rest can still be looked at. */
export type Part<T> = z.ZodType<T | undefined>

type JsonSchema = Readonly<Record<string, unknown>>

/** What is kept beside a part of the schema, for editors and for the reference. */
export interface PartMeta {
  readonly json?: JsonSchema
  readonly kind?: string
  readonly doc?: string
  readonly standard?: unknown
  readonly example?: unknown
}

/** What a problem with a value carries beside its message. */
export interface WrongDetails {
  /** What would be right. */
  readonly right: string
  /** The value must not be shown. */
  readonly secret: boolean
}

interface ValueRules<T> {
  /** What an editor should accept; a reference to the environment is accepted besides. */
  readonly json: JsonSchema
  /** In a few words, for the reference. */
  readonly kind: string
  /** What would be right, as a clause: `write for example 5s`. */
  readonly right: string
  readonly secret?: boolean
  readonly read: (raw: unknown, wrong: Wrong) => T | undefined
}

/** A value that `read` turns into what the program works with, or finds wrong. */
export function value<T>({ json, kind, right, secret = false, read }: ValueRules<T>): Part<T> {
  return z
    .unknown()
    .transform((raw, context) => {
      const wrong: Wrong = (what, better = right, at = []) => {
        const params: WrongDetails = { right: better, secret }
        context.addIssue({ code: 'custom', message: what, params, path: [...at] })
        return undefined
      }
      return raw === undefined ? wrong('missing') : read(raw, wrong)
    })
    .meta({ json, kind } satisfies PartMeta)
}

/**
 * A mapping whose keys are all known. The issue about an unknown key carries the known ones in place of a message,
 * because zod does not say them.
 */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape): Part<z.output<z.ZodObject<Shape>>> {
  const known = Object.keys(shape).join(' ')
  const error: z.core.$ZodErrorMap = ({ code }) => (code === 'unrecognized_keys' ? known : undefined)
  return z.strictObject(shape, { error })
}

/** A list of mappings. */
export const list = <T>(item: Part<T>): Part<readonly (T | undefined)[]> => z.array(item)

/** Documents a key that may be left out; `standard` is what holds then. */
export function optional<T>(part: z.ZodType<T>, doc: string, meta: Omit<PartMeta, 'doc'> = {}) {
  return part.optional().meta({ doc, ...meta } satisfies PartMeta)
}

/** Documents a key that must be there. */
export const required = <T>(part: z.ZodType<T>, doc: string, example: unknown): z.ZodType<T> =>
  part.meta({ ...(part.meta() as PartMeta | undefined), doc, example } satisfies PartMeta)

export type Mapping = Readonly<Record<string, unknown>>

export const isMapping = (raw: unknown): raw is Mapping =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)
