import * as z from 'zod'
import { fileSchema } from './file_schema.ts'
import type { PartMeta } from './schema_parts.ts'

/** A JSON schema as far as we write one. */
export interface JsonSchema {
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  /** What a value is, in words; only in a schema that is asked for with words. */
  readonly kind?: string
  readonly [key: string]: unknown
}

/** The schema of configuration files as JSON Schema: completion and hints in editors. */
export const jsonSchema = (): JsonSchema => ({
  ...convert(fileSchema, false),
  title: 'farmprobe configuration',
})

/** The same of any schema of ours, with words for the kinds of values that JSON Schema cannot tell apart. */
export const jsonSchemaWithKinds = (schema: z.ZodType = fileSchema): JsonSchema => convert(schema, true)

function convert(schema: z.ZodType, withKinds: boolean): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) =>
      describe(
        jsonSchema,
        z.globalRegistry.get(zodSchema as z.core.$ZodType) as PartMeta | undefined,
        withKinds,
      ),
  }) as JsonSchema
}

/** Replaces what we keep beside a part of the schema by what JSON Schema has for it. */
function describe(schema: Record<string, unknown>, meta: PartMeta = {}, withKinds: boolean): void {
  const { json, kind, doc, standard, example } = meta
  for (const key of ['json', 'doc', 'standard', 'example']) delete schema[key]
  if (!withKinds) delete schema['kind']
  else if (kind !== undefined) schema['kind'] = kind
  Object.assign(schema, json)
  if (doc !== undefined) schema['description'] = doc
  if (standard !== undefined) schema['default'] = standard
  if (example !== undefined) schema['examples'] = [example]
}
