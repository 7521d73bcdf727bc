import { beforeAll, describe, expect, it } from 'vitest'
import { inForm } from '../../../../proof/truth/jobs.ts'
import { scoreBlame } from '../../../../proof/truth/scores/score_blame.ts'
import { scoreFirstRequests } from '../../../../proof/truth/scores/score_first_requests.ts'
import { scoreOutages } from '../../../../proof/truth/scores/score_outages.ts'
import { scoreRecycles } from '../../../../proof/truth/scores/score_recycles.ts'
import { type Watched, watchFarm } from '../../../../proof/truth/simulated/watch_farm.ts'
import { idealEvents, shifted, withEvents } from '../../../support/farms/ideal_events.ts'

const hourMs = 3_600_000

describe('scoring recycles', () => {
  let watched: Watched
  let all: ReturnType<typeof idealEvents>

  beforeAll(async () => {
    watched = await watchFarm(inForm('balancer time-out', 'identity'), 1, 12 * hourMs)
    all = idealEvents(watched)
  })
  const score = (events: Watched['events']) => scoreRecycles(withEvents(watched, events))

  it('finds everything and nothing wrong in what a perfect detector tells', () => {
    const { due, dueFound, reported, wrong } = score(all)
    expect(due).toBeGreaterThan(10)
    expect({ dueFound, reported, wrong }).toEqual({ dueFound: due, reported: due, wrong: 0 })
  })

  it('finds nothing in silence', () => {
    expect(score([])).toMatchObject({ dueFound: 0, reported: 0, wrong: 0 })
  })

  it('counts every second telling as wrong', () => {
    const { due, dueFound, wrong } = score([...all, ...shifted(all, 2000)])
    expect({ dueFound, wrong }).toEqual({ dueFound: due, wrong: due })
  })

  it('forgives a few seconds and no quarter of an hour', () => {
    expect(score(shifted(all, 5000))).toMatchObject({ wrong: 0 })
    const { due, dueFound, wrong } = score(shifted(all, 15 * 60_000))
    expect(dueFound).toBeLessThan(due / 3)
    expect(wrong).toBeGreaterThan(due / 2)
  })

  it('counts a telling on another node as a miss and as wrong', () => {
    const elsewhere = all.map((event) => (event.kind === 'recycle' ? { ...event, target: 'web09' } : event))
    const { due, dueFound, reported, wrong } = score(elsewhere)
    expect({ dueFound, reported, wrong }).toEqual({ dueFound: 0, reported: 0, wrong: 0 })
    const swapped = all.map((event) =>
      event.kind === 'recycle' ? { ...event, target: event.target === 'web01' ? 'web02' : 'web01' } : event,
    )
    expect(score(swapped).wrong).toBeGreaterThan(due / 2)
  })

  it('measures first requests against what they took, whoever gave up waiting', () => {
    const perfect = scoreFirstRequests(withEvents(watched, all))
    expect(perfect.reported).toBe(perfect.own)
    expect(perfect.own).toBeGreaterThan(5)
    expect(scoreFirstRequests(withEvents(watched, [])).reported).toBe(0)
  })

  it('takes node and cause of a balancer error together', () => {
    const { errors, right } = scoreBlame(withEvents(watched, all))
    expect(right).toBe(errors)
    expect(scoreBlame(withEvents(watched, []))).toMatchObject({ right: 0, wrong: 0, unknown: errors })
    const otherCause = all.map((event) =>
      event.kind === 'balancer_error' ? { ...event, cause: 'balancer' as const } : event,
    )
    expect(scoreBlame(withEvents(watched, otherCause))).toMatchObject({ right: 0, wrong: errors })
  })
})

describe('scoring outages', () => {
  let watched: Watched
  let all: ReturnType<typeof idealEvents>

  beforeAll(async () => {
    watched = await watchFarm(inForm('short outages 1-5 s', 'identity'), 2, 6 * hourMs)
    all = idealEvents(watched)
  })
  const score = (events: Watched['events']) => scoreOutages(withEvents(watched, events))

  it('finds what a perfect detector tells, to the millisecond', () => {
    const { due, dueFound, wrong, errorsMs } = score(all)
    expect(due).toBeGreaterThan(5)
    expect({ dueFound, wrong }).toEqual({ dueFound: due, wrong: 0 })
    expect(Math.max(...errorsMs)).toBeLessThan(0.001)
  })

  it('finds nothing in silence', () => {
    expect(score([])).toMatchObject({ dueFound: 0, reported: 0, wrong: 0 })
  })

  it('counts an outage that was none as wrong', () => {
    const { due, dueFound, wrong } = score(shifted(all, 10 * 60_000))
    expect(dueFound).toBeLessThan(due / 3)
    expect(wrong).toBeGreaterThan(due / 2)
  })

  it('says how far a length is off', () => {
    const longer = all.map((event) =>
      event.kind === 'outage_closed' ? { ...event, lengthMs: event.lengthMs + 400 } : event,
    )
    for (const error of score(longer).errorsMs) expect(error).toBeCloseTo(400, 3)
  })
})
