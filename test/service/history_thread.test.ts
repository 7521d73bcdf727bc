import { writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startHistoryThread } from '../../src/journal/read/history_thread.ts'
import type { Incident } from '../../src/model/incident.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { anIncident, incidentClosed, recycleOf } from '../support/farms/sample_events.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'
import { always, journalIn } from '../support/files/temp_journal.ts'
import { quietLog } from '../support/quiet_log.ts'
import { sampleApp } from '../support/web/sample_web.ts'

const startMs = Date.UTC(2026, 6, 1)

const nothing = () => undefined

async function start() {
  const place = await journalIn(startMs)
  onTestFinished(() => place[Symbol.asyncDispose]())
  const damaged: string[] = []
  const journal = place.open({ onDamage: (table) => void damaged.push(table) })
  const { log, lines } = quietLog()
  const entry = new URL('../../src/service/history_entry.ts', import.meta.url)
  const history = startHistoryThread({ path: place.path, clock: systemClock, entry, journal, log })
  onTestFinished(() => history.close())
  return { place, journal, history, damaged, lines }
}

describe('the journal, read on a thread of its own', () => {
  test('answers as it is at that moment, what waits to be written included', async () => {
    const { journal, history } = await start()
    journal.record(recycleOf('web01', startMs))
    journal.observe(sampleOutcome({ startedMs: startMs, reason: 'refused' }))
    journal.note({ kind: 'mark', atMs: startMs, text: 'x' })
    expect(await history.events(always, {}, new Set(['recycle']), 10)).toEqual([recycleOf('web01', startMs)])
    expect(await history.steps(always, {}, 60_000)).toMatchObject([{ steps: [{ probes: 1, failures: 1 }] }])
    expect(await history.strips({ sinceMs: startMs, untilMs: startMs + 60_000 }, {}, 60_000)).toHaveLength(1)
    expect(await history.marks(always, {})).toMatchObject([{ text: 'x' }])
    expect(await history.failures(always, {}, 5)).toHaveLength(1)
    expect(await history.oldestMs()).toBe(startMs)
    expect(await history.blind(always, {})).toEqual([])
  })

  test('gives the API its events as text', async () => {
    const { journal, history } = await start()
    for (let at = 0; at < 250; at++) journal.record(recycleOf('web01', startMs + at))
    const app = sampleApp({ history: () => history })
    const answer = await app.request(`/api/v1/events?limit=200&until=${startMs + 1000}`)
    const { events, limited } = (await answer.json()) as { events: { atMs: number }[]; limited: boolean }
    expect([events.length, events[0]?.atMs, events.at(-1)?.atMs, limited]).toEqual([
      200,
      startMs + 50,
      startMs + 249,
      true,
    ])
  })

  test('reads no more of its events than the client has taken', async () => {
    const { journal, history } = await start()
    for (let at = 0; at < 5000; at++) journal.record(recycleOf('web01', startMs + at))
    let read = 0
    const counted: typeof history = {
      ...history,
      async eventSlices(...question) {
        const { count, slices } = await history.eventSlices(...question)
        return { count, slices: counting(slices) }
      },
    }
    async function* counting(slices: AsyncIterable<string>) {
      for await (const slice of slices) {
        read += slice.length
        yield slice
      }
    }
    const answer = await sampleApp({ history: () => counted }).request('/api/v1/events?limit=10000')
    const bytes = answer.body?.getReader()
    const first = (await bytes?.read())?.value?.length ?? 0
    expect(first).toBeGreaterThan(0)
    expect(read).toBeLessThan(5 * first)
    await bytes?.cancel()
  })

  test('gives all incidents a slice at a time: of one moment, beside damaged ones, up to the limit', async () => {
    const { place, journal, history } = await start()
    const times = Array.from({ length: 200 }, (_, at) => (at < 70 ? 0 : at))
    for (const [at, ms] of times.entries())
      journal.record(
        incidentClosed(anIncident({ id: `intranet-${at}`, openedMs: startMs + ms, closedMs: startMs + 500 })),
      )
    journal.flush()
    {
      using db = new DatabaseSync(place.path)
      db.exec(`UPDATE incidents SET json = '{' WHERE opened_ms BETWEEN ${startMs + 100} AND ${startMs + 160}`)
    }
    const app = sampleApp({ history: () => history })
    const ask = async (limit: number) => {
      const answer = await app.request(`/api/v1/incidents?limit=${limit}&until=${startMs + 1000}`)
      const { incidents, limited } = (await answer.json()) as { incidents: Incident[]; limited: boolean }
      return { opened: incidents.map((each) => each.openedMs - startMs), limited, incidents }
    }
    const expected = times.filter((ms) => ms < 100 || ms > 160).toReversed()
    const all = await ask(1000)
    expect([all.opened, all.limited]).toEqual([expected, false])
    expect(new Set(all.incidents.map(({ id }) => id)).size).toBe(expected.length)
    const some = await ask(60)
    expect([some.opened, some.limited]).toEqual([expected.slice(0, 60), true])
  })

  test('says which rows are damaged', async () => {
    const { place, journal, history, damaged } = await start()
    for (let at = 0; at < 3; at++) journal.record(recycleOf('web01', startMs + at))
    journal.flush()
    {
      using db = new DatabaseSync(place.path)
      db.exec(`UPDATE events SET json = '{"kind":"recycle"}' WHERE at_ms = ${startMs + 1}`)
    }
    expect(await history.events(always, {}, undefined, 10)).toHaveLength(2)
    expect(damaged).toEqual(['events'])
  })

  test('has a damaged file set aside, and goes on with the new one', async () => {
    const { place, journal, history } = await start()
    journal.record(recycleOf('web01', startMs))
    journal.flush()
    journal.close()
    await writeFile(place.path, 'x'.repeat(10_000))
    const again = place.open()
    again.record(recycleOf('web02', startMs))
    expect(await history.events(always, {}, undefined, 10)).toEqual([])
    await place.clock.advance(1000)
    expect(again.events(always, {}, undefined, 10)).toEqual([recycleOf('web02', startMs)])
    expect(await history.events(always, {}, undefined, 10)).toEqual([recycleOf('web02', startMs)])
  })

  test('is not started again once it is closed', async () => {
    const { journal, history } = await start()
    journal.record(recycleOf('web01', startMs))
    expect(await history.events(always, {}, undefined, 10)).toHaveLength(1)
    const asked = history.events(always, {}, undefined, 10)
    await history.close()
    expect([await asked, await history.events(always, {}, undefined, 10)]).toEqual([[], []])
  })

  test('answers with nothing when there is no file, and says so', async () => {
    const { log, lines } = quietLog()
    const entry = new URL('../../src/service/history_entry.ts', import.meta.url)
    const journal = { flush: nothing, failed: nothing, onDamage: nothing }
    const history = startHistoryThread({
      path: '/nowhere/journal.db',
      clock: systemClock,
      entry,
      journal,
      log,
    })
    onTestFinished(() => history.close())
    expect(await history.events(always, {}, undefined, 10)).toEqual([])
    expect(await history.oldestMs()).toBe(Number.POSITIVE_INFINITY)
    expect(lines.join('')).toContain('there is no such file')
  })
})
