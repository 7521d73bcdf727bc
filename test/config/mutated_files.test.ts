import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Config, LoadResult } from '../../src/config/load_config.ts'
import { jsonSchema } from '../../src/config/schema/config_keys.ts'
import type { Problem } from '../../src/config/yaml/problem.ts'
import { parseText } from '../support/files/config_text.ts'
import { firstWrong, mutated, mutatedTree, runs } from '../support/files/mutations.ts'

const example = readFileSync('config/farmprobe.yaml', 'utf8')
const secret = 'a-secret-of-the-environment'
const env = { FARMPROBE_PASSWORD: secret, SET: 'set' }

/** What YAML, the schema and the values in it are sensitive to. */
const tokens =
  ': |- |? |# |&a |*a |<<: |[|]|{|}|"|\'|\t|\n|\n  |\n      |---\n|...\n|!!str |!<x> |${SET}|${UNSET}|${|$$|null|~|true|1e9|-1|0|[]|{}|farms: |checks: |5s|off|__proto__: 1\n|\u0000|\ufeff|\u2028|🙂'.split(
    '|',
  )

const wrongsOfText = async (text: string) => wrongsOf(await parseText(text, { env }), text)

async function wrongsOfTree(tree: unknown): Promise<string[]> {
  return [...(await wrongsOfText(stringify(tree))), ...(await wrongsOfText(JSON.stringify(tree)))]
}

/** What is wrong with an answer, which is either a configuration that can be used, or problems that say where. */
function wrongsOf(result: LoadResult, text: string): string[] {
  return result.ok
    ? wrongsOfConfig(result.config)
    : result.problems.flatMap((problem) => wrongsOfProblem(problem, text))
}

function wrongsOfConfig({ farms, redacted }: Config): string[] {
  // Farms are sent to the prober threads; what is redacted is shown, and can be read again.
  structuredClone(farms)
  parse(redacted)
  return [
    ...(farms.length === 0 ? ['there is no farm'] : []),
    ...(redacted.includes(secret) ? ['the secret is shown'] : []),
  ]
}

function wrongsOfProblem({ line, column, message }: Problem, text: string): string[] {
  return [
    ...(line < 1 || line > text.split('\n').length || column < 1 ? [`no such place: ${line}:${column}`] : []),
    ...(message === '' || message.includes(secret) ? [`a bad message: ${message}`] : []),
  ]
}

describe('a file that was changed by accident is read, or refused with the places', () => {
  test('whatever was changed in its text', async () => {
    expect(await firstWrong(mutated(example, tokens), wrongsOfText, runs(120, 20_000))).toBeUndefined()
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
    expect(
      await firstWrong(mutatedTree(parse(example), wrongValue), wrongsOfTree, runs(120, 20_000)),
    ).toBeUndefined()
  }, 600_000)

  test('and what is read, an editor with the schema does not underline', async () => {
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(jsonSchema())
    let understood = 0
    const wrongs = async (tree: unknown) => {
      const { ok } = await parseText(stringify(tree), { env })
      if (!ok) return []
      understood += 1
      validate(parse(stringify(tree)))
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
    }
    expect(
      await firstWrong(mutatedTree(parse(example), wrongValue, 1), wrongs, runs(120, 20_000)),
    ).toBeUndefined()
    expect(understood).toBeGreaterThan(10)
  }, 600_000)
})
