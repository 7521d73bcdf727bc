import { expect, test } from 'vitest'
import { judgingBudgetMs, searchBudgetMs } from '../../src/runtime/search_budget.ts'

const mib = 2 ** 20

test.each([
  ['test', 20_000, 250],
  ['test', 5 * mib, 500],
  ['test', 8 * mib, 800],
  ['test', 64 * mib, 800],
  ['find', mib / 2, 250],
  ['find', 2 * mib, 600],
  ['find', 8 * mib, 2400],
] as const)('to %s an expression in %d characters may take %d ms', (how, characters, ms) => {
  expect(searchBudgetMs(how, characters)).toBe(ms)
})

test('a body may take as long as all the searches in it, however long it is', () => {
  for (const characters of [0, 20_000, 3 * mib, 8 * mib]) {
    const each = searchBudgetMs('test', characters) + searchBudgetMs('find', characters)
    const all = judgingBudgetMs({ tests: 1, finds: 1 }, characters)
    expect(all).toBeLessThanOrEqual(each)
    expect(all).toBe(Math.max(250, (400 * characters) / mib))
  }
  expect(judgingBudgetMs({ tests: 0, finds: 0 }, 8 * mib)).toBe(250)
})
