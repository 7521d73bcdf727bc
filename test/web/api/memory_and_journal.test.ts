import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { History } from '../../../src/history/history.ts'
import { firstByteTimes } from '../../../src/history/rollup.ts'
import { openJournalReader } from '../../../src/journal/read/reader.ts'
import { type Outcome, reasons } from '../../../src/model/outcome.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { createLive } from '../../../src/web/live/live.ts'
import { sampleFarm, sampleOutcome } from '../../support/farms/sample_farm.ts'
import { journalIn } from '../../support/files/temp_journal.ts'
import { sampleApp, sampleNowMs } from '../../support/web/sample_web.ts'

const minuteMs = 60_000
const startMs = sampleNowMs - 2 * 60 * minuteMs

/** Two hours of probes in the order in which they end: some fail, some are slow, suspect, or of a burst. */
function outcomes(): Outcome[] {
  const chance = seededRandom(5)
  const all: Outcome[] = []
  for (let startedMs = startMs; startedMs < sampleNowMs - 130_000; startedMs += 5000)
    for (const target of ['web01', 'web02']) {
      const isSlow = chance() < 0.02
      const firstByteMs = Math.round(isSlow ? 120_000 * chance() : 20 + 30 * chance())
      all.push(
        sampleOutcome({
          target,
          startedMs: startedMs + Math.floor(1000 * chance()),
          firstByteMs,
          totalMs: firstByteMs + 5,
          phaseMs: { connect: 1, wait: firstByteMs },
          latenessMs: chance() < 0.02 ? 20 + firstByteMs : 0,
          ...(chance() < 0.1 && { lane: 'burst' as const }),
          ...(chance() < 0.05 && {
            reason: reasons[Math.floor(chance() * reasons.length)] ?? 'ok',
            status: 502,
          }),
        }),
      )
    }
  return all.sort((a, b) => a.startedMs + a.totalMs - b.startedMs - b.totalMs)
}

const farms = () => [sampleFarm({}, ['web01', 'web02'])]

const answerOf = (app: ReturnType<typeof sampleApp>) => async (path: string) =>
  (await app.request(path)).json()

describe('the same probes have the same figures', () => {
  const owned = new AsyncDisposableStack()
  const clock = { wallMs: () => startMs, monotonicMs: () => 0, after: () => () => undefined }
  let memory: History
  let journal: History
  let askMemory: (path: string) => Promise<unknown>
  let askJournal: typeof askMemory
  let askReader: typeof askMemory

  beforeAll(async () => {
    const place = owned.use(await journalIn(startMs))
    const opened = place.open()
    const live = createLive(clock)
    for (const outcome of outcomes()) {
      await place.clock.advance(Math.max(0, outcome.startedMs + outcome.totalMs - place.clock.wallMs()))
      live.observe(outcome)
      opened.observe(outcome)
    }
    // A memory that knows nothing: what is told then is the journal's.
    const empty = createLive({ ...clock, wallMs: () => sampleNowMs })
    askMemory = answerOf(sampleApp({ farms, live }))
    askJournal = answerOf(sampleApp({ farms, live: empty, history: () => opened }))
    memory = live.recent
    journal = opened
    await place.clock.advance(1000)
    const reader = openJournalReader(place.path)
    owned.defer(() => reader.close())
    askReader = answerOf(sampleApp({ farms, live: empty, history: () => reader }))
  }, 30_000)

  afterAll(() => owned.disposeAsync())

  test.each(['1h', '2h', '6h', '24h'])('on the strips of the last %s', async (since) => {
    const path = `/api/v1/strips?since=${since}`
    const { strips } = (await askMemory(path)) as { strips: object[] }
    expect(strips).toHaveLength(2)
    expect(await askJournal(path)).toMatchObject({ strips })
    expect(await askReader(path)).toMatchObject({ strips })
  })

  test.each([1, 10, 60])('in steps of %i minutes, however they are added up', (minutes) => {
    const timesIn = (history: History) =>
      history
        .steps({ sinceMs: startMs, untilMs: sampleNowMs }, {}, minutes * minuteMs)
        .map(({ subject, steps }) => [subject, steps.map((step) => [step.atMs, firstByteTimes(step)])])
    expect(timesIn(memory)).toHaveLength(2)
    expect(timesIn(memory)).toEqual(timesIn(journal))
  })

  test.each(['1h', '2h', '24h'])('in the steps of the last %s', async (since) => {
    const path = `/api/v1/series?farm=intranet&target=web01&since=${since}`
    const { steps } = (await askMemory(path)) as { steps: object[] }
    expect(steps.length).toBeGreaterThanOrEqual(50)
    expect(await askJournal(path)).toMatchObject({ steps })
    expect(await askReader(path)).toMatchObject({ steps })
  })
})
