import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { configKeys } from '../../../src/config/schema/config_keys.ts'
import { mapping, oneKeyOf } from '../../../src/config/schema/mapping.ts'
import { type Keys, merge, optional, type Part, required, settle } from '../../../src/config/schema/part.ts'
import { duration, integer, oneLine } from '../../../src/config/schema/scalars.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import { startReading } from '../../../src/config/yaml/reading.ts'
import { readTree } from '../../../src/config/yaml/tree.ts'

/** What a part makes of a text, and the problems that it finds there. */
function reading<W>(part: Part<W, unknown>, text: string) {
  const started = startReading(readTree(text, 'f', undefined).tree)
  const value = part.read(started.tree.value, [], started)
  return { value, problems: started.problems.map(formatProblem) }
}

const read = (part: Part<unknown>, text: string) => reading(part, text).value
const problems = (part: Part<unknown>, text: string) => reading(part, text).problems

const text = oneLine('write a text')

const clock = mapping(
  {
    every: optional(duration({ min: '1s' }), 'The interval.', {
      as: 'everyMs',
      default: '5s',
      unless: 'at',
    }),
    at: optional(text, 'A time of day instead.'),
    retries: optional(integer({ min: 0, max: 9 }), 'How often to try again.', { default: 2 }),
  },
  { exclusive: [['every', 'at']] },
)

describe('a mapping', () => {
  test('gives each key to its property, and fills in what is not written', () => {
    expect(read(clock, 'every: 1m')).toEqual({ everyMs: 60_000 })
    expect(settle(clock, {})).toEqual({ everyMs: 5000, retries: 2 })
    expect(settle(clock, { at: '03:00', retries: 0 })).toEqual({ at: '03:00', retries: 0 })
  })

  test('over another one wins key by key, and drops what excludes its own', () => {
    expect(merge(clock, { everyMs: 1000, retries: 1 }, { at: '03:00' })).toEqual({ at: '03:00', retries: 1 })
  })

  test('refuses keys that exclude each other, and those that nobody knows', () => {
    expect(problems(clock, 'every: 1m\nat: noon\nretrys: 1\nx: 1')).toEqual([
      'f:3:1: retrys: unknown key; did you mean retries?',
      'f:4:1: x: unknown key; known here: every, at, retries',
      'f:2:5: at: every "1m" and at "noon" exclude each other; keep one',
    ])
  })

  test('that lacks a required key is none', () => {
    const point = mapping({ x: required(text, 'x'), y: optional(text, 'y') })
    expect(read(point, 'y: a')).toBeUndefined()
    expect(problems(point, 'y: a')).toEqual(['f:1:1: x: missing; write a text'])
  })

  test('of which exactly one key is wanted has that one', () => {
    const source = oneKeyOf({ header: optional(text, 'A header.'), json: optional(text, 'A pointer.') })
    expect(read(source, 'json: /a')).toEqual({ json: '/a' })
    expect(problems(source, '{}')).toEqual(['f:1:1: empty; write header or json, or leave it out'])
  })

  test('is not described with a default that it would refuse', () => {
    const wrong = mapping({ retries: optional(integer({ min: 0, max: 9 }), 'n', { default: 12 }) })
    expect(() => settle(wrong, {})).toThrow(
      'a default:1:1: out of range: 12; write a whole number from 0 to 9',
    )
  })
})

describe('of every key of a configuration', () => {
  const all = (keys: Keys = {}, path = ''): [path: string, key: Keys[string]][] =>
    Object.entries(keys).flatMap(([name, key]) => [
      [`${path}${name}`, key] as [string, Keys[string]],
      ...all(key.part.keys, `${path}${name}.`),
    ])
  const given = all(configKeys.keys).flatMap(([path, { part, example, ...key }]) =>
    [key.default, example]
      .filter((value) => value !== undefined)
      .map((value) => [path, part, value] as const),
  )

  test.each(given)('the default and the example can be read: %s', (_path, part, value) => {
    expect(problems(part, JSON.stringify(value))).toEqual([])
    const validate = new Ajv({ allowUnionTypes: true }).compile(part.json)
    expect([validate(value), validate.errors]).toEqual([true, null])
  })

  test('the meaning is a sentence', () => {
    const meanings = all(configKeys.keys).map(([path, { doc }]) => `${path}: ${doc}`)
    expect(meanings.length).toBeGreaterThan(100)
    expect(meanings.filter((meaning) => !/: .*[.]$/.test(meaning))).toEqual([])
  })
})
