import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FarmEvent } from '../../src/model/event.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { errorOf, outageOf, recycleOf } from '../support/farms/sample_events.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'
import { always, type JournalIn, type JournalToAsk, journalIn } from '../support/files/temp_journal.ts'

const startMs = Date.UTC(2026, 6, 1)
const minuteMs = 60_000

/** What a process has left that was killed; each test gets a copy. */
let left: JournalIn
let place: JournalIn

beforeAll(async () => {
  left = await journalIn(startMs)
  await leave(left)
})

afterAll(() => left[Symbol.asyncDispose]())

beforeEach(async () => {
  place = await journalIn(left.clock.wallMs())
  await mkdir(dirname(place.path))
  await copyFile(left.path, place.path)
})

afterEach(() => place[Symbol.asyncDispose]())

const warnings = () =>
  place.lines.flatMap((line) => (line.includes('"warn"') ? [(JSON.parse(line) as { msg: string }).msg] : []))

/** A journal with rows in each table, some pages of each, as a process leaves it that is killed. */
async function leave({ open, clock }: JournalIn): Promise<void> {
  const journal = open()
  for (let minute = 0; minute < 65; minute++) {
    const atMs = clock.wallMs()
    for (let node = 0; node < 12; node++) {
      const failed =
        minute % 20 === 0 ? ({ reason: 'refused', status: 0, detail: 'x'.repeat(300) } as const) : {}
      const target = `web${node}`
      journal.observe(
        sampleOutcome({ target, startedMs: atMs, slotMs: atMs, id: `${atMs} ${node}`, ...failed }),
      )
    }
    if (minute % 5 === 0) journal.record(errorOf('web01', atMs, { tells: 'y'.repeat(200) }))
    if (minute % 20 === 0) journal.note({ kind: 'mark', atMs, text: 'z'.repeat(400) })
    await clock.advance(minuteMs)
  }
  journal.record(recycleOf('web01', clock.wallMs()))
  journal.record(outageOf('web01', clock.wallMs(), 1000))
  for (const farm of ['intranet', 'extranet'])
    for (const part of ['state', 'baselines', 'maintenance'] as const)
      journal.saveMonitor(farm, part, () => ({ form: 2, text: 'w'.repeat(1500) }))
  journal.observe(sampleOutcome({ startedMs: clock.wallMs() }))
  await clock.advance(1000)
  journal.close()
}

/** Everything that the service, the page and the report ask. */
function askAll(journal: JournalToAsk): void {
  journal.loadMonitors()
  for (const about of [{}, { farm: 'intranet', target: 'web01' }]) {
    journal.oldestMs()
    journal.events(always, about, undefined, 1e6)
    journal.steps(always, about)
    journal.steps(always, about, minuteMs)
    journal.strips({ sinceMs: startMs, untilMs: startMs + 60 * minuteMs }, about, minuteMs)
    journal.failures(always, about, 100)
    journal.probes(always, about, 100)
    journal.marks(always, about)
    journal.blind(always, about)
    journal.notes(always, about, undefined)
  }
  journal.farms()
}

/** Starts on what is there, asks everything, and shows that what comes now is written and can be read. */
async function startOn(path: string): Promise<JournalToAsk> {
  const journal = place.open({ path })
  askAll(journal)
  const event: FarmEvent = recycleOf('web99', place.clock.wallMs())
  journal.record(event)
  journal.observe(sampleOutcome({ target: 'web99', startedMs: place.clock.wallMs() }))
  await place.clock.advance(70_000)
  askAll(journal)
  await place.clock.advance(2000)
  const found = journal.events(always, { target: 'web99' }, undefined, 10)
  expect(found).toEqual([event])
  expect(place.states.at(-1)).toMatchObject({ kind: 'written' })
  return journal
}

const pageBytes = 4096

const fills: ((chance: () => number, file: Buffer) => Buffer)[] = [
  () => Buffer.alloc(pageBytes),
  () => Buffer.alloc(pageBytes, 0xff),
  (chance) => Buffer.from(Array.from({ length: pageBytes }, () => chance() * 256)),
  (chance, file) => {
    const at = pageBytes * Math.floor(chance() * (file.length / pageBytes))
    return file.subarray(at, at + pageBytes)
  },
]

test('whichever page is overwritten, with whatever, it goes on, with a new file at worst', async () => {
  const whole = await readFile(place.path)
  const pages = whole.length / pageBytes
  expect(pages).toBeGreaterThan(30)
  const chance = seededRandom(7)
  for (let page = 0; page < pages; page++) {
    const bytes = Buffer.from(whole)
    fills[page % fills.length]?.(chance, whole).copy(bytes, page * pageBytes)
    const path = `${place.path}-${page}`
    await writeFile(path, bytes)
    const journal = await startOn(path)
    journal.close()
    const asides = (await readdir(dirname(path))).filter(
      (name) => name.startsWith(`journal.db-${page}.damaged-`) && !/-(wal|shm)$/.test(name),
    )
    expect([page, asides.length <= 1]).toEqual([page, true])
  }
})

/** What a row may hold in the place of what was written. */
const garbage = [
  '',
  '{"x":',
  'null',
  '[]',
  '{}',
  '7',
  '{"kind":"recycle"}',
  '{"kind":"__proto__"}',
  '\u0000\uffff',
]

/** What tells the rows of a table apart, as a number. */
const jsonTables = [
  ['events', 'id'],
  ['notes', 'id'],
  ['probes', 'id'],
  ['monitors', 'length(farm) + length(part)'],
] as const
const blobTables = [
  ['minutes', 'rollup', 'minute'],
  ['hours', 'rollup', 'series'],
  ['pending', 'rollups', 'id'],
] as const

function change(path: string, sql: string, ...values: (string | Uint8Array | number)[]): void {
  using db = new DatabaseSync(path)
  db.prepare(sql).run(...values)
}

describe('every row may be garbage', () => {
  test.each(jsonTables)('of %s', async (table, number) => {
    for (const [index, text] of garbage.entries())
      change(
        place.path,
        `UPDATE ${table} SET json = ? WHERE (${number}) % ? = ?`,
        text,
        garbage.length,
        index,
      )
    await startOn(place.path)
    expect(place.states.filter(({ kind }) => kind === 'failed')).toEqual([])
    expect(warnings()).toEqual([
      `rows of the journal's table "${table}" are damaged and skipped; farmprobe_journal_damaged_rows_total counts them and others`,
    ])
    expect((await readdir(dirname(place.path))).filter((name) => name.includes('.damaged-'))).toEqual([])
  })

  test.each(blobTables)('of %s', async (table, column, number) => {
    const chance = seededRandom(3)
    const bytes = (length: number) => Uint8Array.from({ length }, () => chance() * 256)
    const blobs = [
      bytes(0),
      bytes(1),
      bytes(50),
      bytes(5000),
      new Uint8Array(100).fill(255),
      new Uint8Array(9),
    ]
    for (const [index, blob] of blobs.entries())
      change(
        place.path,
        `UPDATE ${table} SET ${column} = ? WHERE ${number} % ? = ?`,
        blob,
        blobs.length,
        index,
      )
    await startOn(place.path)
    expect(place.states.filter(({ kind }) => kind === 'failed')).toEqual([])
    // The last hours are added up anew at each start.
    expect(warnings()).toHaveLength(table === 'hours' ? 0 : 1)
  })

  test.each([
    ['words', 'UPDATE words SET word = id || ?', 'x'],
    ['words', 'UPDATE words SET id = id + ?', 2 ** 33],
    ['words', 'UPDATE words SET id = ? - id', Number.MAX_SAFE_INTEGER],
    ['series', 'UPDATE series SET id = id + ?', 2 ** 33],
    ['series', 'UPDATE series SET role = id || ?', 'x'],
    ['meta', 'UPDATE meta SET value = ?', 'x'],
    ['meta', 'UPDATE meta SET value = ?', 9e15],
    ['minutes', 'UPDATE OR IGNORE minutes SET minute = ?', 9e15],
    ['minutes', 'UPDATE OR IGNORE minutes SET minute = ?', 0],
    ['hours', 'UPDATE OR IGNORE hours SET hour = ?', 9e15],
    ['pending', 'UPDATE pending SET minute = ?', 9e15],
    ['events', 'UPDATE OR IGNORE events SET at_ms = ?', 9e15],
    ['notes', 'UPDATE notes SET until_ms = ?', 9e15],
    ['probes', 'UPDATE probes SET series = ?', 9e15],
    ['monitors', 'UPDATE OR IGNORE monitors SET part = ?', '__proto__'],
  ])('of %s: %s %s', async (_table, sql, value) => {
    change(place.path, sql, value)
    const journal = await startOn(place.path)
    expect(journal.isOpen()).toBe(true)
  })
})

test('an event that cannot be written is left out, and the others are written', async () => {
  const lost: string[] = []
  const journal = place.open({ path: `${place.path}-new`, onDamage: (table) => void lost.push(table) })
  // What the types rule out is what a bad event is.
  journal.record({ ...recycleOf('web01', startMs), farm: undefined as unknown as string })
  journal.record({ ...recycleOf('web02', startMs), target: 7n as unknown as string })
  journal.record(recycleOf('web03', startMs))
  await place.clock.advance(1000)
  expect(place.states.filter(({ kind }) => kind === 'failed')).toEqual([])
  expect(journal.events(always, {}, undefined, 10)).toEqual([recycleOf('web03', startMs)])
  expect(lost).toEqual(['events', 'events'])
})

test.each([
  ['nothing', ''],
  ['text', 'no lock'],
  ['half a database', 'SQLite format 3\u0000'.padEnd(4096, 'x')],
])('a damaged lock file needs nobody: %s', async (_what, text) => {
  const first = place.open()
  await place.clock.advance(1000)
  first.close()
  await writeFile(`${place.path}.lock`, text)
  await writeFile(`${place.path}.lock-journal`, text)
  const journal = place.open()
  journal.record(recycleOf('web77', startMs))
  await place.clock.advance(1000)
  expect(journal.events(always, { target: 'web77' }, undefined, 10)).toHaveLength(1)
  expect(warnings()).toEqual([])
  // And it still locks.
  place.open()
  expect(warnings()).toEqual([
    'the journal cannot be used: another farmprobe writes to it; give each a journal of its own (journal.path); probing goes on without it',
  ])
})
