/** Whatever a module file holds, reading it ends, and in a module or in problems with a place and no fault of ours. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseModules } from '../../src/blackbox/module/read_modules.ts'

const keys = [
  'prober',
  'timeout',
  'http',
  'tcp',
  'method',
  'headers',
  'http_headers',
  'values',
  'body',
  'body_file',
  'body_size_limit',
  'compression',
  'valid_status_codes',
  'valid_http_versions',
  'fail_if_body_matches_regexp',
  'fail_if_header_matches',
  'fail_if_body_json_matches_cel',
  'header',
  'regexp',
  'basic_auth',
  'password',
  'authorization',
  'bearer_token',
  'oauth2',
  'tls_config',
  'ca',
  'key',
  'min_version',
  'enable_http3',
  'preferred_ip_protocol',
  '<<',
  '__proto__',
  'constructor',
  'toString',
]

const texts = [
  '',
  '~',
  'http',
  'tcp',
  'true',
  '5s',
  '200',
  'GET',
  'gzip',
  'TLS12',
  '(a|b)*',
  '(?i)x',
  ':[',
  'body.a == 1',
  '*a',
  'HTTP/1.1',
  '\u0000',
]

const { tree } = fc.letrec<{ tree: unknown; list: unknown; map: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...texts),
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('tree'), { maxLength: 3 }),
  map: fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie('tree'), { maxKeys: 4 }),
}))

/** What is wrong with what reading gives; undefined when it is modules, or problems with a place. */
function fault(text: string): string | undefined {
  const result = parseModules(text, '/etc/farmprobe/bb.yml')
  if (!result.ok) {
    const placed = result.problems.every(
      ({ line, column, message }) => line > 0 && column > 0 && message !== '',
    )
    return placed && result.problems.length > 0 ? undefined : `problems without a place for ${text}`
  }
  const modules = [...result.modules.values()].map((module) => structuredClone(module))
  const whole = modules.every((module) => 'http' in module || module.notServed !== '')
  return whole && modules.length > 0 ? undefined : `modules that are none for ${text}`
}

const anyOf = <T>(given: fc.Arbitrary<T>, write: (value: T) => string) =>
  fc.check(
    fc.property(given, (value) => fault(write(value)) === undefined),
    { numRuns: 1500 },
  )

test('any module', () => {
  const module = fc.record(
    { prober: fc.constantFrom('http', 'http', 'tcp', 'x'), http: tree },
    { requiredKeys: ['prober'] },
  )
  const { failed, counterexample } = anyOf(fc.oneof(module, tree), (given) =>
    stringify({ modules: { m: given } }),
  )
  expect({ failed, counterexample }).toEqual({ failed: false, counterexample: null })
})

test('any value of any key', () => {
  const { failed, counterexample } = anyOf(fc.tuple(fc.constantFrom(...keys), tree), ([key, given]) =>
    stringify({ modules: { m: { prober: 'http', http: { [key]: given } } } }),
  )
  expect({ failed, counterexample }).toEqual({ failed: false, counterexample: null })
})

const good = `modules:
  a: &a
    prober: http
    timeout: 5s
    http: { valid_status_codes: [200, 301], headers: { Host: a }, fail_if_body_matches_regexp: ["a+"] }
  b:
    <<: *a
    http:
      tls_config: { insecure_skip_verify: true }
      fail_if_header_matches: [{ header: X, regexp: '^y$', allow_missing: true }]
`

test('any text, and a good one with a slip', () => {
  const put = fc.string({
    maxLength: 4,
    unit: fc.constantFrom('{', '}', ':', '*', '&', ' ', '\n', '-', '"', 'a', '<'),
  })
  const slip = fc
    .tuple(fc.nat(good.length), fc.nat(6), put)
    .map(([at, cut, text]) => good.slice(0, at) + text + good.slice(at + cut))
  const { failed, counterexample } = anyOf(fc.oneof(slip, fc.string({ unit: 'binary' })), (text) => text)
  expect({ failed, counterexample }).toEqual({ failed: false, counterexample: null })
})
