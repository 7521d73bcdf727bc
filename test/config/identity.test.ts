import { expect, test } from 'vitest'
import { configOf, warningsOf } from '../support/files/config_text.ts'

/** A farm whose checks show their workers in several ways. */
const farm = (identity: string, ...checks: string[]) =>
  `{ name: intranet, url: "https://a.example", served_by: { header: X-Node }, ${identity} checks: [${checks.join(', ')}] }`

const identitiesOf = async (text: string) =>
  (await configOf(text)).farms[0]?.farm.checks.map(({ identity }) => identity)

test("a check has its own identity, else the farm's, else that of the defaults", async () => {
  const checks = ['{ name: a, identity: { cookie_name: ASPSESSIONID* } }', '{ name: b }']
  const defaults = 'defaults: { identity: { json: /pid } }\n'
  expect(await identitiesOf(`${defaults}farms: [${farm('identity: auto,', ...checks)}]`)).toEqual([
    { cookieName: 'ASPSESSIONID*' },
    'auto',
  ])
  expect(await identitiesOf(`${defaults}farms: [${farm('', ...checks)}]`)).toEqual([
    { cookieName: 'ASPSESSIONID*' },
    { json: '/pid' },
  ])
})

test.each([
  ['Server', 'is the same from every worker'],
  ['Date', 'is different in every answer'],
  ['x-node', 'names the node, as served_by says, and not its worker'],
])('a header that cannot identify a worker is warned of: %s', async (header, why) => {
  const remedy = 'so it shows no recycle; let the application send one of its own (docs/identity.md)'
  const inFarm = await warningsOf(`farms: [${farm(`identity: { header: ${header} },`, '{ name: a }')}]`)
  expect(inFarm).toContain(`farms[0].identity: ${header} ${why}, ${remedy}`)
  const inCheck = await warningsOf(`farms: [${farm('', `{ name: a, identity: { header: ${header} } }`)}]`)
  expect(inCheck).toContain(`farms[0].checks[0].identity: ${header} ${why}, ${remedy}`)
})
