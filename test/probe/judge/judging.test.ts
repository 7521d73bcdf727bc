/** What is noted while it is judged, and how long it may take: what blocks a prober for longer is set apart. */
import { expect, test } from 'vitest'
import type { Judging } from '../../../src/model/outcome.ts'
import { probeOnce, type Wish } from '../../support/probes/probe_once.ts'
import { answerBytes, say, startRawServer } from '../../support/servers/raw_server.ts'

/** The budgets of all that is judged of one answer with such a body, milliseconds. */
async function budgetsOf(wish: Partial<Wish>, page = 'Welcome'): Promise<(number | undefined)[]> {
  const budgets: (number | undefined)[] = []
  const judging: Judging = (_, work, budgetMs) => {
    budgets.push(budgetMs)
    return work()
  }
  await using server = await startRawServer(say(answerBytes(page)))
  await probeOnce({ port: server.port, ...wish }, { judging })
  return budgets
}

const mib = 2 ** 20

test('an answer of which nothing but the status is read is not noted', async () => {
  expect(await budgetsOf({})).toEqual([])
})

test.each<[what: string, wish: Partial<Wish>]>([
  ['body', { body: { contains: ['Welcome'] } }],
  ['headers', { headers: [{ name: 'Content-Length', pattern: '^7$' }] }],
  ['identity', { check: { identity: { header: 'X-Worker' } } }],
])('an answer whose %s is read is noted', async (_, wish) => {
  expect(await budgetsOf(wish)).toEqual([250])
})

test('why an answer fails is noted, too', async () => {
  expect(await budgetsOf({ body: { contains: ['Goodbye'] } })).toEqual([250, undefined])
})

test('a long body may take as long as all that is searched for in it', async () => {
  const body = { maxBytes: 4 * mib, match: ['o', 'x+'], notMatch: ['y'] }
  const identity = { body: 'x(x)' }
  expect(await budgetsOf({ body, check: { identity } }, `Welcome${'x'.repeat(3 * mib - 7)}`)).toEqual([1800])
})
