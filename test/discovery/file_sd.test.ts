import { expect, test } from 'vitest'
import { formatProblem } from '../../src/config/yaml/problem.ts'
import { parseFileSd } from '../../src/discovery/file_sd.ts'

const site = { scheme: 'https', hostname: 'intranet.example.org', port: 8443 } as const

function read(text: string): string[] {
  const result = parseFileSd(text, 'n.yaml', { site, maxNodes: 1000 })
  if ('problems' in result) return result.problems.map(formatProblem)
  return result.candidates.map(({ name, scheme, host, port }) => `${name} ${scheme}://${host}:${port}`)
}

test('targets take scheme and port of the site unless they have their own', () => {
  const text = `
- targets: [10.0.0.1, "10.0.0.2:81", "[2001:db8::1]:82", 2001:db8::2, web05]
  labels: { env: production, __meta_rack: "12", node: not-for-several }
- targets: [10.0.0.6]
  labels: { __scheme__: http, node: web06 }
- targets: []
`
  expect(read(text)).toEqual([
    '10.0.0.1 https://10.0.0.1:8443',
    '10.0.0.2:81 https://10.0.0.2:81',
    '[2001:db8::1]:82 https://2001:db8::1:82',
    '2001:db8::2 https://2001:db8::2:8443',
    'web05 https://web05:8443',
    'web06 http://10.0.0.6:80',
  ])
})

test('JSON is read as it is', () => {
  expect(read('[{"targets":["10.0.0.1:80"],"labels":{"node":"web01"}}]')).toEqual([
    'web01 https://10.0.0.1:80',
  ])
  expect(read('[]')).toEqual([])
})

test.each([
  [
    '- targets: [a]\n  labels: &l { env: prod, node: web01 }\n- targets: [b]\n  labels: { <<: *l, node: web02 }',
    'web01',
    'web02',
  ],
  [
    '- targets: [a]\n  labels: { rack: 12, weight: 1.10, spare: false, since: 2026-01-01, node: 0x1F }',
    '0x1F',
  ],
  ['- targets: [a]\n  labels:\n- targets: [b]\n  labels: ~', 'a', 'b'],
  ['- targets: [a]\n  labels: { node: , rack: null }', 'a'],
  ['- targets:\n- labels: { env: prod }\n- targets: [a]', 'a'],
  ['---\n# generated\n- targets: [10.0.0.1:80, web02:81]\n', '10.0.0.1:80', 'web02:81'],
  ['[{"targets": ["a"], "labels": null}, {"targets": null}]', 'a'],
])('%j gives nodes, as it gives Prometheus targets', (text, ...names) => {
  expect(read(text).map((each) => each.split(' ')[0])).toEqual(names)
})

test.each([
  ['', 'n.yaml:1:1: the file is empty; write [] for no targets'],
  ['targets: []', 'n.yaml:1:1: not a list: a mapping; write a list, each entry beginning with "- "'],
  [
    '[{"targets":',
    'n.yaml:1:13: not YAML: flow map in block collection must be sufficiently indented and end with a }',
  ],
  [
    '- targets: a:1',
    'n.yaml:1:12: [0].targets: not a list: "a:1"; write a list of addresses, such as ["10.0.0.11:8080","[::1]:8080"]',
  ],
  [
    '- targets: [http://a:1]',
    'n.yaml:1:13: [0].targets[0]: a URL: "http://a:1"; write host:port, such as "10.0.0.11:8080"',
  ],
  [
    '- targets: ["a:0"]',
    'n.yaml:1:13: [0].targets[0]: port 0: "a:0"; write host:port, such as "10.0.0.11:8080"',
  ],
  [
    '- targets: [5 6]',
    'n.yaml:1:13: [0].targets[0]: not an address: "5 6"; write host:port, such as "10.0.0.11:8080"',
  ],
  [
    '- targets: [a]\n  labels: { __scheme__: ftp }',
    'n.yaml:2:25: [0].labels.__scheme__: not a scheme: "ftp"; write http or https',
  ],
  [
    '- targets: [a]\n  labels: { rack: [12] }',
    'n.yaml:2:19: [0].labels.rack: not a text: a list; write a mapping of names and texts, such as { node: web01 }',
  ],
  [
    '- targets: [a]\n  labels: { <<: 5 }',
    'n.yaml:2:13: [0].labels: `<<` takes over a mapping, or a list of mappings; write <<: *name',
  ],
  [
    '- targets: [a]\n  labels: { node: " a" }',
    'n.yaml:2:19: [0].labels.node: a name that is empty or has blanks around it: " a"; write a mapping of names and texts, such as { node: web01 }',
  ],
])('a file %j is refused whole', (text, ...problems) => {
  expect(read(text)).toEqual(problems)
})

test('a file of targets has no references to the environment: anyone may have written it', () => {
  expect(read('- targets: [a]\n  labels: { node: "${HOME}" }')).toEqual(['${HOME} https://a:8443'])
})
