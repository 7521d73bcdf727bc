import { beforeAll, describe, expect, it } from 'vitest'
import { results, worstOf } from '../../../../proof/truth/goals/goals.ts'
import { luckyCount, luckyShare } from '../../../../proof/truth/goals/luck.ts'
import { type FarmScore, scoreFarm, together } from '../../../../proof/truth/scores/farm_score.ts'
import type { Row } from '../../../../proof/truth/tables/rows.ts'

describe('the status of a scenario', () => {
  let score: FarmScore

  beforeAll(async () => {
    score = await scoreFarm({ scenario: 'recycles on demand', form: 'identity', seed: 1, days: 0.2 })
  })
  const withRecycles = (different: Partial<FarmScore['recycles']>): Row => {
    const recycles = {
      ...score.recycles,
      real: 400,
      due: 400,
      dueFound: 400,
      reported: 400,
      wrong: 0,
      ...different,
    }
    return { scenario: 'recycles on demand', identity: { ...score, recycles }, without: undefined }
  }
  const status = (different: Partial<FarmScore['recycles']>) => worstOf(results(withRecycles(different)))

  it('is met when all is found and nothing is wrong', () => {
    expect(status({})).toBe('met')
  })

  it('is open when it is below the goal by no more than chance', () => {
    expect(status({ dueFound: 394 })).toBe('open')
  })

  it('is missed when chance does not explain it', () => {
    expect(status({ dueFound: 380 })).toBe('missed')
    expect(status({ wrong: 20 })).toBe('missed')
  })

  it('is limited when what is missing left no trace on any probe, and says so', () => {
    const row = withRecycles({ dueFound: 380, traceless: 20 })
    expect(results(row).find(({ what }) => what === 'recall with identity')).toMatchObject({
      status: 'limited',
      reason: '20 of 400 passed between two probes: no probe met anything of them',
    })
  })

  it('says nothing of shares of next to nothing', () => {
    expect(results(withRecycles({ due: 5, dueFound: 0, reported: 0 }))).toEqual([])
  })

  it('adds farms up, lists and all', () => {
    const both = together(score, score)
    expect(both.farms).toBe(2)
    expect(both.recycles.real).toBe(2 * score.recycles.real)
    expect(both.firstRequests.errorsMs).toHaveLength(2 * score.firstRequests.errorsMs.length)
  })
})

describe('luck', () => {
  it('explains one miss in twenty of somebody who misses one in a hundred, and not four', () => {
    expect(luckyShare(1, 20, 0.01)).toBe(true)
    expect(luckyShare(4, 20, 0.01)).toBe(false)
  })

  it('explains no miss of somebody who must not miss', () => {
    expect(luckyShare(1, 20, 0)).toBe(false)
    expect(luckyShare(0, 20, 0)).toBe(true)
  })

  it('explains four events where two are to be expected, and not seven', () => {
    expect(luckyCount(4, 2)).toBe(true)
    expect(luckyCount(7, 2)).toBe(false)
  })
})
