/** Every place of a check where an expression may stand takes RE2's syntax, which JavaScript's engine refuses. */
import { expect, test } from 'vitest'
import { probeOnce, type Wish } from '../../support/probes/probe_once.ts'
import { answerBytes, say, startRawServer } from '../../support/servers/raw_server.ts'

const expression = String.raw`(?i)^WELCOME pid=(\d+)\z`

test.each<[place: string, wish: Partial<Wish>, outcome: object]>([
  ['body.match', { body: { match: [expression] } }, { reason: 'ok' }],
  ['body.not_match', { body: { notMatch: [expression] } }, { reason: 'body' }],
  ['headers', { headers: [{ name: 'X-Page', pattern: expression }] }, { reason: 'ok' }],
  ['warming.match', { warming: { contains: [], match: [expression] } }, { reason: 'warming' }],
  ['identity.body', { check: { identity: { body: expression } } }, { reason: 'ok', identity: '4711' }],
])('in %s', async (_, wish, outcome) => {
  expect(() => new RegExp(expression)).toThrow('Invalid regular expression')
  const page = 'Welcome pid=4711'
  await using server = await startRawServer(say(answerBytes(page, [`X-Page: ${page}`])))
  expect(await probeOnce({ port: server.port, ...wish })).toMatchObject(outcome)
})
