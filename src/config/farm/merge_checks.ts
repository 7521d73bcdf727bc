import type { WrittenCheck } from '../schema/check_schema.ts'

/** Keys of which one mapping may have only one; the one nearer to the check wins over all others. */
export const alternatives: readonly (readonly string[])[] = [
  ['interval', 'cron'],
  ['body', 'body_file'],
  ['bearer', 'bearer_file', 'basic'],
  ['password', 'password_file'],
  ['ca', 'ca_file'],
  ['cert', 'cert_file'],
  ['key', 'key_file'],
]

type Layer = Readonly<Record<string, unknown>>

/** A check over its defaults: mappings are merged key by key, all else is replaced. */
export const mergeChecks = (base: WrittenCheck, over: WrittenCheck): WrittenCheck => merge(base, over)

function merge(base: Layer, over: Layer): Layer {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue
    for (const other of rivals(key)) if (over[other] === undefined) delete merged[other]
    merged[key] = mergeValue(base[key], value)
  }
  return merged
}

const rivals = (key: string) =>
  alternatives.find((group) => group.includes(key))?.filter((each) => each !== key) ?? []

function mergeValue(base: unknown, over: unknown): unknown {
  if (base instanceof Map && over instanceof Map) return new Map([...base, ...over])
  return isLayer(base) && isLayer(over) ? merge(base, over) : over
}

const isLayer = (value: unknown): value is Layer =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
