/** Alerts fire, and do not, whatever the intervals of probes and scrapes; with a restart and a lost scrape in the middle. */
import { expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { lastingCases, scrapedCases } from '../support/rules/alert_cases.ts'
import { objectionsTo } from '../support/rules/case_runs.ts'
import { ownCases } from '../support/rules/own_cases.ts'
import { disturbedCases, rhythmicCases } from '../support/rules/rhythmic_cases.ts'

/** `FARMPROBE_LONG=1`: all of them. */
const scrapes = process.env['FARMPROBE_LONG'] === '1' ? [5, 15, 30, 60] : [5, 60]
const rhythms = [1, 5, 60, 300, 3600].flatMap((probe) => scrapes.map((scrape) => ({ probe, scrape })))

suiteWith('promtool')('promtool', () => {
  test.concurrent.for(rhythms)(
    'sees them right with a probe every $probe s and a scrape every $scrape s',
    { timeout: 600_000 },
    async (rhythm) => {
      expect(await objectionsTo([...rhythmicCases(rhythm), ...disturbedCases(rhythm)])).toBe('')
    },
  )

  test.concurrent('sees findings of days as one ticket', { timeout: 600_000 }, async () => {
    expect(await objectionsTo(lastingCases(60))).toBe('')
  })

  test.concurrent.for(scrapes)(
    'sees the others right with a scrape every %i s',
    { timeout: 600_000 },
    async (scrape) => {
      expect(await objectionsTo([...scrapedCases(scrape), ...ownCases(scrape)])).toBe('')
    },
  )
})
