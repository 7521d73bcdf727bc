/** Mappings whose keys are described. */
import { closest, distance } from 'fastest-levenshtein'
import { formatProblem, type Path } from '../yaml/problem.ts'
import { type Reading, startReading } from '../yaml/reading.ts'
import { isMapping, readTree } from '../yaml/tree.ts'
import {
  type JsonSchema,
  type Keys,
  merge,
  type Part,
  refuse,
  type Settled,
  settle,
  type Written,
} from './part.ts'

type NameOf<Name, K extends Keys[string]> = K['types']['name'] extends string ? K['types']['name'] : Name

/** The properties that keys become. */
type Named<K extends Keys, How> = {
  readonly [Name in keyof K as NameOf<Name, K[Name]>]: How extends 'written'
    ? Written<K[Name]['part']>
    : Settled<K[Name]['part']>
}

type Flat<T> = { [P in keyof T]: T[P] }

/** What a mapping comes to: the keys in `Sure` are always there. */
type Properties<K extends Keys, How extends 'written' | 'settled', Sure extends keyof K> = Flat<
  Named<Pick<K, Sure>, How> & Partial<Named<Omit<K, Sure>, How>>
>

type RequiredOf<K extends Keys> = {
  [Name in keyof K]: K[Name]['required'] extends true ? Name : never
}[keyof K]

type AlwaysOf<K extends Keys> = {
  [Name in keyof K]: K[Name]['types']['always'] extends true ? Name : never
}[keyof K]

interface Rules<Name extends string = string> {
  /** Groups of keys of which only one may be written; between layers, the upper one's wins. */
  readonly exclusive?: readonly (readonly Name[])[]
  /** At least one key that has no default must be written. */
  readonly some?: boolean
}

/** A mapping with known keys. When a required key is missing or wrong, the mapping is left out. */
export const mapping = <const K extends Keys>(
  keys: K,
  rules: Rules<keyof K & string> = {},
): Part<Properties<K, 'written', RequiredOf<K>>, Properties<K, 'settled', RequiredOf<K> | AlwaysOf<K>>> =>
  describe(keys, rules, true) as Part<never, never>

/** A mapping with known keys. When a required key is missing or wrong, the others are still used, to validate them. */
export const looseMapping = <const K extends Keys>(
  keys: K,
  rules: Rules<keyof K & string> = {},
): Part<Properties<K, 'written', never>, Properties<K, 'settled', AlwaysOf<K>>> =>
  describe(keys, rules, false) as Part<never, never>

type OneOf<K extends Keys> = { [Name in keyof K]: Named<Pick<K, Name>, 'written'> }[keyof K]

/** A mapping with exactly one of some keys. */
export const oneKeyOf = <const K extends Keys>(keys: K): Part<OneOf<K>> =>
  describe(keys, { exclusive: [Object.keys(keys)], some: true }, true) as Part<never>

type Values = Readonly<Record<string, unknown>>

function describe(keys: Keys, rules: Rules, isWhole: boolean): Part<Values> {
  const { exclusive = [], some = false } = rules
  const right = `write keys with their values${exampleOf(keys)}`
  const names = Object.keys(keys)
  const needed = names.filter((name) => keys[name]?.default === undefined)
  const propertyOf = (name: string) => keys[name]?.as ?? name
  const rivalsOf = (name: string) => exclusive.find((group) => group.includes(name))?.map(propertyOf) ?? []
  const defaults = new Map<string, unknown>()

  function defaultOf(name: string, key: Keys[string]): unknown {
    if (!defaults.has(name)) defaults.set(name, settle(key.part, readDefault(key)))
    return defaults.get(name)
  }

  return {
    kind: 'mapping',
    json: mappingSchema(keys),
    right,
    keys,
    read(raw, path, reading) {
      if (!isMapping(raw)) return refuse('not a mapping', right, path, reading)
      const found: Record<string, unknown> = {}
      let lacks = false
      for (const [name, { part, required }] of Object.entries(keys)) {
        if (!required && !Object.hasOwn(raw, name)) continue
        const value: unknown = part.read(raw[name], [...path, name], reading)
        if (value !== undefined) found[propertyOf(name)] = value
        else if (required) lacks = true
      }
      for (const name of Object.keys(raw))
        if (!Object.hasOwn(keys, name)) reading.keyProblem([...path, name], unknownKey(name, names))
      if (some && !needed.some((name) => Object.hasOwn(raw, name)))
        reading.problem(path, `empty; write ${anyOf(needed)}, or leave it out`)
      for (const group of exclusive) refuseRivals(group, keys, raw, path, reading)
      return lacks && isWhole ? undefined : found
    },
    merge(base, over) {
      const merged: Record<string, unknown> = { ...base }
      for (const [name, { part }] of Object.entries(keys)) {
        const property = propertyOf(name)
        if (over[property] === undefined) continue
        for (const rival of rivalsOf(name)) if (over[rival] === undefined) delete merged[rival]
        merged[property] =
          merged[property] === undefined ? over[property] : merge(part, merged[property], over[property])
      }
      return merged
    },
    settle(written) {
      const settled: Record<string, unknown> = { ...written }
      for (const [name, key] of Object.entries(keys)) {
        const property = propertyOf(name)
        const rival = key.unless === undefined ? undefined : written[propertyOf(key.unless)]
        if (written[property] !== undefined) settled[property] = settle(key.part, written[property])
        else if (key.default !== undefined && rival === undefined) settled[property] = defaultOf(name, key)
      }
      return settled
    },
  }
}

/** @throws when what the description of a key gives as its default is wrong */
function readDefault({ part, ...key }: Keys[string]): unknown {
  const { tree } = readTree(JSON.stringify(key.default), 'a default', undefined)
  const reading = startReading(tree)
  const value: unknown = part.read(tree.value, [], reading)
  const [problem] = reading.problems
  if (value === undefined || problem !== undefined) throw new Error(problem && formatProblem(problem))
  return value
}

/** Keys that people try, for which the nearest known key is no help. */
const answers: ReadonlyMap<string, string> = new Map([
  ['<<', 'merge keys are not supported; put what several checks share into `defaults`'],
])

/** Names the nearest known key when one is near, otherwise all known keys. */
function unknownKey(key: string, known: readonly string[]): string {
  const answer = answers.get(key)
  if (answer !== undefined) return answer
  const nearest = closest(key.toLowerCase(), known)
  const isLonger = key.length > 2 && (nearest.startsWith(key) || key.startsWith(nearest))
  const near = isLonger || distance(key.toLowerCase(), nearest) <= Math.max(1, Math.floor(nearest.length / 3))
  return near ? `unknown key; did you mean ${nearest}?` : `unknown key; known here: ${known.join(', ')}`
}

/** Reports keys that exclude each other. Values that may be secret or long are not shown. */
function refuseRivals(group: readonly string[], keys: Keys, raw: object, path: Path, reading: Reading): void {
  const given = group.filter((name) => Object.hasOwn(raw, name))
  const last = given.at(-1)
  if (last === undefined || given.length < 2) return
  const isHidden = group.some((name) => name.endsWith('_file') || keys[name]?.part.secret === true)
  const shown = given.map((name) => (isHidden ? name : `${name} ${reading.show([...path, name])}`))
  reading.problem([...path, last], `${shown.join(' and ')} exclude each other; keep one`)
}

/** `a, b or c`. */
const anyOf = (names: readonly string[]) => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

/** Those that are required, or the first that has an example, with their examples. */
function exampleOf(keys: Keys): string {
  const shown = Object.entries(keys).filter(([, { example }]) => example !== undefined)
  const needed = shown.filter(([, { required }]) => required)
  const pairs = (needed.length > 0 ? needed : shown.slice(0, 1)).map(
    ([name, { example }]) => `${name}: ${typeof example === 'string' ? example : JSON.stringify(example)}`,
  )
  return pairs.length === 0 ? '' : `, such as { ${pairs.join(', ')} }`
}

function mappingSchema(keys: Keys): JsonSchema {
  const needed = Object.keys(keys).filter((name) => keys[name]?.required)
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(keys).map(([name, { part, doc, default: otherwise, example }]) => [
        name,
        {
          ...part.json,
          description: doc,
          ...(isShown(otherwise) && { default: otherwise }),
          ...(example !== undefined && { examples: [example] }),
        },
      ]),
    ),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  }
}

/** An empty default means that there is none. */
export const isShown = (value: unknown): boolean =>
  value !== undefined && (typeof value !== 'object' || Object.keys(value ?? {}).length > 0)
