import { expect, test } from 'vitest'
import { farmFacts } from '../../src/report/facts.ts'
import { incidents, users } from '../../src/report/sentences.ts'
import { anIncident, incidentOpened } from '../support/farms/sample_events.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'
import { dayMs, journalIn } from '../support/files/temp_journal.ts'

const startMs = Date.UTC(2026, 6, 1)

test('what is open when the last prober ends is told for as long as it was seen, not until today', async () => {
  await using place = await journalIn(startMs)
  const journal = place.open()
  const farm = 'intranet'
  journal.observe(
    sampleOutcome({ target: 'balancer', role: 'balancer', startedMs: startMs, reason: 'refused' }),
  )
  journal.record({
    kind: 'outage_opened',
    atMs: startMs,
    role: 'balancer',
    target: 'balancer',
    check: 'home',
    reason: 'refused',
    detail: 'refused',
    farm,
    maintenance: false,
  })
  journal.record(incidentOpened(anIncident({ openedMs: startMs, closedMs: null })))
  await place.clock.advance(40_000)
  journal.close()
  const facts = place.read((reader) =>
    farmFacts(reader, farm, { sinceMs: startMs, untilMs: startMs + 2 * dayMs }),
  )
  expect(facts.lostMs).toBe(40_000)
  expect(users(facts).join('\n')).toContain('40s without a good answer')
  expect(facts.targets.map(({ target, lostMs }) => [target, lostMs])).toEqual([['balancer', 40_000]])
  expect(incidents(facts).join('\n')).toContain('  40 s so far, ')
})
