import { expect, test } from 'vitest'
import type { Culprit } from '../../../src/detect/incident/culprit_of.ts'
import { factsOf, type IncidentState, opened } from '../../../src/detect/incident/incident_state.ts'
import { summaryOf } from '../../../src/detect/incident/summary_of.ts'

const told = { name: 'intranet', asksBalancer: true }

function felt(different: Partial<IncidentState> = {}): IncidentState {
  const incident = opened('intranet', { fromMs: 0, toMs: 41_000 }, 0)
  const facts = factsOf(incident, 'web01')
  Object.assign(facts, { stallMs: 40_100, failures: 3, how: 'refused' })
  return {
    ...incident,
    impact: 'users',
    users: { fromMs: 0, toMs: 41_000 },
    errors: { 504: 7 },
    share: { ...incident.share, failed: 7, good: 14 },
    ...different,
  }
}

const hidden = (): IncidentState => {
  const { users: _users, ...rest } = felt()
  return { ...rest, impact: 'hidden', users: undefined, errors: {} }
}

const culprit = (different: Partial<Culprit>): Culprit => ({
  node: 'web01',
  nodes: ['web01'],
  cause: 'cold_start',
  confidence: 0.98,
  all: false,
  ...different,
})

test.each<[Partial<Culprit>, string]>([
  [{}, 'web01 was starting cold, 40 s'],
  [{ cause: 'recycle' }, 'web01 recycled and refused connections'],
  [{ cause: 'node_down' }, 'web01 refused connections'],
  [{ cause: 'timeout' }, 'web01 was slower than the balancer waits'],
  [{ cause: 'overload' }, 'web01 had more requests than it could take'],
  [
    { cause: 'link', node: 'several', nodes: ['web01', 'web02'] },
    'the balancer could not reach web01 and web02, which answered directly',
  ],
  [{ cause: 'stale_connection' }, 'the balancer used a connection again that web01 had closed'],
  [{ node: 'balancer', nodes: [], cause: 'balancer' }, 'the balancer failed, while every node answered'],
  [{ node: 'unknown', nodes: [], cause: 'unknown' }, 'nobody can be blamed for sure'],
  [{ node: 'several', nodes: ['web01', 'web02'] }, 'web01 and web02 were starting cold, up to 40 s'],
  [{ node: 'several', nodes: ['web01', 'web02'], cause: 'node_down' }, 'web01 and web02 failed'],
  [{ node: 'several', nodes: ['web01', 'web02'], cause: 'node_down', all: true }, 'every node failed'],
])('%j', (different, clause) => {
  expect(summaryOf(felt(), culprit(different), told)).toBe(
    `For 41 s a third of the requests to intranet failed (7 × 504): ${clause}`,
  )
})

test.each([
  [1, 1, ''],
  [3, 3, 'all '],
  [1, 4, 'a quarter of the '],
  [1, 2, ''],
  [2, 4, 'half of the '],
  [2, 3, 'two thirds of the '],
  [3, 4, 'three quarters of the '],
  [999, 1000, '99 % of the '],
  [1, 1000, '1 % of the '],
])('%d of %d that failed are told as "%s"', (failed, probes, words) => {
  const state = felt()
  const share = { ...state.share, failed, good: probes - failed }
  expect(summaryOf({ ...state, share }, culprit({}), told)).toContain(`For 41 s ${words}requests to`)
})

test('what several nodes did alike is told of all', () => {
  const incident = felt()
  for (const name of ['web01', 'web02']) factsOf(incident, name).how = 'warming'
  const several = culprit({ node: 'several', nodes: ['web01', 'web02'], cause: 'node_down' })
  expect(summaryOf(incident, several, told)).toContain(': web01 and web02 were warming up')
  expect(summaryOf(incident, { ...several, all: true }, told)).toContain(': every node was warming up')
})

test('what is only likely is told as that, and failures without a status are told in words', () => {
  const incident = felt({ errors: { body: 1, first_byte_timeout: 2 } })
  expect(summaryOf(incident, culprit({ cause: 'recycle', confidence: 0.75 }), told)).toBe(
    'For 41 s a third of the requests to intranet failed (2 × no answer in time, 1 × wrong content), probably because web01 recycled and refused connections',
  )
})

test('one that goes on says so, and what is not known yet', () => {
  expect(summaryOf(felt(), culprit({}), told, 50_000)).toBe(
    'A third of the requests to intranet have failed for 50 s (7 × 504): web01 was starting cold, 40 s',
  )
  expect(summaryOf(felt(), culprit({ node: 'unknown', nodes: [] }), told, 50_000)).toContain(
    'who caused it is not known yet',
  )
})

test('a hidden one says what users noticed only where the balancer is asked', () => {
  const down = culprit({ cause: 'node_down' })
  expect(summaryOf(hidden(), down, told)).toBe(
    'For 41 s on intranet, web01 refused connections; users noticed nothing',
  )
  expect(summaryOf(hidden(), down, { ...told, asksBalancer: false })).toBe(
    'For 41 s on intranet, web01 refused connections; no check says whether users noticed',
  )
})

test('how long a node took is told of a hidden one only where that is not how long all of it took', () => {
  const cold = culprit({})
  expect(summaryOf(hidden(), cold, told)).toBe(
    'For 41 s on intranet, web01 was starting cold; users noticed nothing',
  )
  const silent = culprit({ cause: 'unknown' })
  expect(summaryOf(hidden(), silent, told)).toBe(
    'For 41 s on intranet, web01 answered nobody; users noticed nothing',
  )
  expect(summaryOf({ ...hidden(), lastMs: 90_000 }, silent, told)).toBe(
    'For 1 min 30 s on intranet, web01 answered nobody for 40 s; users noticed nothing',
  )
})
