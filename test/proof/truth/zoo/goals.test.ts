import { describe, expect, it } from 'vitest'
import { goalResults, goalTable } from '../../../../proof/truth/zoo/score/goals.ts'
import { type Score, scoreFarm } from '../../../../proof/truth/zoo/score/score.ts'
import type { Result } from '../../../../proof/truth/zoo/score/tables.ts'
import { recording } from './sample_recording.ts'

const nothing = scoreFarm({ recording: recording(), events: [] })

const farm = (kind: string, identity: boolean, recycles: Partial<Score['recycles']>): Result => ({
  name: { kind, intervalMs: 1000, identity, seed: 1 },
  score: { ...nothing, recycles: { ...nothing.recycles, ...recycles } },
})

const claims = (right: number) =>
  Array.from({ length: 50 }, (_, index) => ({ confidence: 0.8, right: index < right }))

const reached = (results: readonly Result[], what: string) =>
  goalResults(results).find((goal) => goal.what === what)

describe('the goals of the zoo', () => {
  it('judge the sum over all kinds, each form by itself', () => {
    const farms = [
      farm('puma', true, { due: 10, found: 9 }),
      farm('puma', false, { due: 10, found: 9 }),
      farm('uwsgi', false, { due: 10, found: 10 }),
    ]
    const withIdentity = reached(farms, 'recycles with identity: recall')
    expect(withIdentity).toMatchObject({ figure: { part: 9, of: 10 }, missed: true })
    const without = reached(farms, 'recycles without identity: recall')
    expect(without).toMatchObject({ figure: { part: 19, of: 20 }, missed: false })
  })

  it('have nothing to say where nothing happened', () => {
    expect(goalResults([farm('puma', true, {})]).filter(({ missed }) => missed)).toEqual([])
    expect(goalResults([])).toHaveLength(14)
  })

  it('allow no false recycle where no node is to blame', () => {
    const what = 'recycles that did not happen, where no node is to blame'
    expect(reached([farm('weather', true, { reported: 3, right: 2 })], what)?.missed).toBe(true)
    expect(reached([farm('weather', true, { reported: 3, right: 3 })], what)?.missed).toBe(false)
    expect(reached([farm('puma', true, { reported: 3, right: 2 })], what)?.figure).toBe(undefined)
  })

  it('expect most of what is reported with 70 to 90 % to be true, but not all', () => {
    const what = 'recycles without identity: true of those reported with 70 to 90 %'
    const missed = [30, 40, 50].map(
      (right) => reached([farm('puma', false, { claims: claims(right) })], what)?.missed,
    )
    expect(missed).toEqual([true, false, true])
  })

  it('are shown with the kinds that miss them, the worst first', () => {
    const { rows } = goalTable([
      farm('puma', true, { due: 10, found: 9 }),
      farm('uwsgi', true, { due: 10, found: 10 }),
      farm('tomcat', true, { due: 10, found: 2 }),
    ])
    expect(rows.find(([what]) => what === 'recycles with identity: recall')).toEqual([
      'recycles with identity: recall',
      '>= 0.99',
      '0.700 (21 of 30)',
      'missed',
      'tomcat 0.200 (2 of 10), puma 0.900 (9 of 10)',
    ])
  })
})
