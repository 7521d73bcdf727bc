import { readFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { jsonSchema } from '../../../src/config/schema/config_keys.ts'
import { withCheck } from '../../support/files/config_text.ts'

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(jsonSchema())

interface Schema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** The places an editor would underline. */
function complaints(text: string): string[] {
  validate(parse(text))
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

describe('an editor finds nothing wrong', () => {
  test.each(['config/farmprobe.yaml', 'config/minimal.yaml'])('with %s', async (file) => {
    expect(complaints(await readFile(file, 'utf8'))).toEqual([])
  })

  test.each([
    'interval: 1h30m, timeout: 250ms, overlap: 4',
    'interval: "${INTERVAL:-5s}", overlap: "${OVERLAP}", cache_bust: "${BUST}", connection: "${HOW}"',
    'cron: "0 */4 * * *", timezone: Europe/London, canary: true',
    'headers: { Accept: text/html }, auth: { basic: { username: u, password_file: p } }',
    'tls: { ca_file: ca.pem, insecure: true, min_version: TLSv1.3 }, targets: [nodes]',
    'expect: { status: [200-399, 401], headers: { Content-Type: text/html }, warming: { contains: [a, b] } }',
    'expect: { status: 200, body: { contains: Welcome, match: [], min_bytes: 1, max_bytes: 256KiB } }',
    'expect: { duration: 2s }',
    'burst: { interval: 250ms, for: 30s }',
    'targets: nodes',
    'burst: off',
    'burst: false',
  ])('with a check that has %s', (keys) => {
    expect(complaints(withCheck(keys))).toEqual([])
  })
})

test.each([
  ['intervall: 5s', '/farms/0/checks/0 must NOT have additional properties'],
  ['interval: 5', '/farms/0/checks/0/interval must be string'],
  ['timeout: 5 s', '/farms/0/checks/0/timeout must match pattern "^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$|\\$\\{"'],
  ['path: login', '/farms/0/checks/0/path must match pattern "^/|\\$\\{"'],
])('an editor underlines %s', (keys, complaint) => {
  expect(complaints(withCheck(keys))).toEqual([complaint])
})

test('an editor explains every key and knows its default', () => {
  const texts: unknown[] = []
  const collect = (part: Schema) => {
    for (const inner of Object.values(part.properties ?? {})) {
      texts.push(inner.description)
      collect(inner)
    }
    if (part.items !== undefined) collect(part.items)
    for (const inner of part.anyOf ?? []) collect(inner)
  }
  const schema: Schema = jsonSchema()
  collect(schema)
  expect(texts.length).toBeGreaterThan(80)
  expect(texts.filter((text) => typeof text !== 'string' || text === '')).toEqual([])
  expect(schema.properties?.['defaults']?.properties?.['timeout']).toMatchObject({ default: '30s' })
})
