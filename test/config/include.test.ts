import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load_config.ts'
import { formatProblem } from '../../src/config/yaml/problem.ts'
import { tempDir } from '../support/temp_dir.ts'

/** What comes of a configuration and the files beside it; messages come without the folder. */
async function read(files: Readonly<Record<string, string>>, env = {}) {
  await using dir = await tempDir()
  await mkdir(join(dir.path, 'farms'))
  for (const [name, text] of Object.entries(files)) await dir.write(name, text)
  const result = await loadConfig(join(dir.path, 'main.yaml'), env)
  const plain = (problem: Parameters<typeof formatProblem>[0]) =>
    formatProblem(problem).replaceAll(`${dir.path}/`, '').replaceAll(dir.path, '.')
  return {
    farms: result.ok ? result.config.farms.map(({ farm }) => farm) : [],
    redacted: result.ok ? result.config.redacted : '',
    warnings: result.ok ? result.config.warnings.map(plain) : [],
    problems: result.ok ? [] : result.problems.map(plain),
  }
}

const farm = (name: string, more = '') => `{ name: ${name}, url: "http://${name}.test"${more} }`

test('included files add their farms, in the order of their names, with the defaults of the file that includes them', async () => {
  const { farms, problems, warnings } = await read({
    'main.yaml': `include: [farms/*.yaml, extra.yaml]\ndefaults: { interval: 7s }\nfarms: [${farm('own')}]`,
    'farms/b.yaml': `- ${farm('b')}\n`,
    'farms/a.yaml': `farms:\n  - ${farm('a1')}\n  - ${farm('a2', ', checks: [{ name: home, interval: 9s }]')}\n`,
    'extra.yaml': '[]',
  })
  expect([problems, warnings]).toEqual([[], []])
  expect(farms.map(({ name, checks }) => [name, checks[0]?.schedule])).toEqual(
    [
      ['own', 7000],
      ['a1', 7000],
      ['a2', 9000],
      ['b', 7000],
    ].map(([name, intervalMs]) => [name, { kind: 'interval', intervalMs }]),
  )
})

test('a file may have nothing but files to include, one of which may name it again', async () => {
  const { farms } = await read({ 'main.yaml': 'include: "*.yaml"', 'a.yaml': `[${farm('a')}]` })
  expect(farms.map(({ name }) => name)).toEqual(['a'])
})

test('problems name the file and the place in it, also of values from the environment and of names used twice', async () => {
  const { problems } = await read({
    'main.yaml': `include: [a.yaml, b.yaml, none.yaml, c.yaml]\ndefaults: { timeout: 1 }\nfarms:\n  - ${farm('own')}\n`,
    'a.yaml': '- name: a\n  url: ftp://a.test\n- name: own\n  url: ${NO_SUCH_VARIABLE}\n',
    'b.yaml': `farms:\n  - ${farm('own', ', nods: []')}\nweb: { listen: ":1" }\n`,
    'c.yaml': 'farm: 1',
  })
  expect(problems).toEqual([
    'main.yaml:1:27: include[2]: no file matches "none.yaml" in .',
    'main.yaml:2:22: defaults.timeout: not a duration: 1; write a number and a unit, such as 250ms, 5s, 30m, 29h or 7d',
    'a.yaml:2:8: [0].url: not an http or https URL: "ftp://a.test"; write the URL users open, such as https://intranet.example.org',
    'a.yaml:3:9: [1].name: a name used twice: "own"; main.yaml: farms[0] has it too',
    'a.yaml:4:8: [1].url: the environment variable NO_SUCH_VARIABLE is not set; set it, or write ${NO_SUCH_VARIABLE:-default}',
    'b.yaml:2:13: farms[0].name: a name used twice: "own"; main.yaml: farms[0] has it too',
    'b.yaml:2:42: farms[0].nods: unknown key; did you mean nodes?',
    'b.yaml:3:1: web: an included file has farms alone; write web in the file that includes it',
    'c.yaml:1:1: farm: an included file has farms alone; write farm in the file that includes it',
    'c.yaml:1:1: no farms; write a list of farms, each entry beginning with "- ", or `farms:` with such a list',
  ])
})

test('a pattern that matches nothing yet is a warning', async () => {
  const { farms, warnings } = await read({ 'main.yaml': `include: [farms/*.yaml]\nfarms: [${farm('a')}]` })
  expect([farms.length, warnings]).toEqual([
    1,
    ['main.yaml:1:11: include[0]: no file matches "farms/*.yaml" in .'],
  ])
})

test('a list of something else than names is one problem, and so is nothing to probe', async () => {
  expect((await read({ 'main.yaml': `include: { a: b }\nfarms: [${farm('a')}]` })).problems).toEqual([
    'main.yaml:1:10: include: not a text: a mapping; write a text, or a list of texts in brackets',
  ])
  expect((await read({ 'main.yaml': 'include: a.yaml', 'a.yaml': '[]' })).problems).toEqual([
    'main.yaml:1:1: farms: an empty list: there is nothing to probe; add a farm',
  ])
})

test('/config shows the farms of all files, without their secrets', async () => {
  const { redacted } = await read(
    {
      'main.yaml': 'include: [a.yaml]',
      'a.yaml': `- ${farm('a', ', checks: [{ name: home, auth: { bearer: s3cret } }, { name: b, path: "/?${A}" }]')}`,
    },
    { A: 's3cret' },
  )
  expect(redacted).toContain('name: a')
  expect(redacted).toContain('${A}')
  expect(redacted).not.toContain('s3cret')
})
