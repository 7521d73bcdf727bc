import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { jsonSchema } from '../../src/config/json_schema.ts'
import type { LoadResult } from '../../src/config/load.ts'
import { parseText } from '../support/config_text.ts'
import { mutated, mutatedTree, runs } from '../support/mutations.ts'

const example = readFileSync('config/farmprobe.yaml', 'utf8')
const secret = 'a-secret-of-the-environment'
const env = { FARMPROBE_PASSWORD: secret, SET: 'set' }

/** What YAML, the schema and the values in it are sensitive to. */
const tokens =
  ': |- |? |# |&a |*a |<<: |[|]|{|}|"|\'|\t|\n|\n  |\n      |---\n|...\n|!!str |!<x> |${SET}|${UNSET}|${|$$|null|~|true|1e9|-1|0|[]|{}|farms: |checks: |5s|off|__proto__: 1\n|\u0000|\ufeff|\u2028|🙂'.split(
    '|',
  )

/** An answer is either a configuration that can be used, or problems that say where. */
function expectAnswer(result: LoadResult, text: string): void {
  if (result.ok) {
    const { farms, redacted } = result.config
    expect(farms.length).toBeGreaterThan(0)
    // Farms are sent to the prober threads.
    expect(() => structuredClone(farms)).not.toThrow()
    expect(redacted).not.toContain(secret)
    expect(() => void parse(redacted)).not.toThrow()
    return
  }
  expect(result.problems.length).toBeGreaterThan(0)
  const lines = text.split('\n').length
  for (const { line, column, message } of result.problems) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lines)
    expect(column).toBeGreaterThanOrEqual(1)
    expect(message).not.toBe('')
    expect(message).not.toContain(secret)
  }
}

describe('a whole file that was changed by accident is understood or refused with the places', () => {
  test('whatever was changed in its text', async () => {
    const answered = fc.asyncProperty(mutated(example, tokens), async (text) =>
      expectAnswer(await parseText(text, { env }), text),
    )
    await fc.assert(answered, { numRuns: runs(120, 20_000) })
  }, 600_000)

  const wrongValue = fc.oneof(
    fc.constantFrom('5s', '', '0ms', '9999999d', 'https://a.example', '/', '10.0.0.1:80', '[::1]:1', '('),
    fc.constantFrom(
      '__proto__',
      '\u0000',
      '${SET}',
      '${UNSET}',
      '$$',
      'null',
      'off',
      'nodes',
      'a'.repeat(500),
    ),
    fc.constantFrom(0, -1, 1.5, 1e21, Number.NaN, true, false, null, [], {}),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  )

  test('whatever was changed in its structure, in YAML and in JSON', async () => {
    const answered = fc.asyncProperty(mutatedTree(parse(example), wrongValue), async (tree) => {
      for (const text of [stringify(tree), JSON.stringify(tree)])
        expectAnswer(await parseText(text, { env }), text)
    })
    await fc.assert(answered, { numRuns: runs(120, 20_000) })
  }, 600_000)

  test('and what is understood, an editor with the schema does not underline', async () => {
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(jsonSchema())
    let understood = 0
    const agreed = fc.asyncProperty(mutatedTree(parse(example), wrongValue), async (tree) => {
      const { ok } = await parseText(stringify(tree), { env })
      if (!ok) return
      understood += 1
      validate(parse(stringify(tree)))
      expect(validate.errors ?? []).toEqual([])
    })
    await fc.assert(agreed, { numRuns: runs(120, 20_000) })
    expect(understood).toBeGreaterThan(10)
  }, 600_000)
})
