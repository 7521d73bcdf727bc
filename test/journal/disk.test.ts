import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockForWriting, openFile } from '../../src/journal/file/database.ts'
import { openJournalReader } from '../../src/journal/read/reader.ts'
import { errorOf, recycleOf } from '../support/farms/sample_events.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'
import { always, type JournalIn, type JournalToAsk, journalIn } from '../support/files/temp_journal.ts'

const startMs = Date.UTC(2026, 6, 1)

let place: JournalIn

beforeEach(async () => {
  place = await journalIn(startMs)
})

afterEach(() => place[Symbol.asyncDispose]())

const eventsOf = (journal: JournalToAsk) => journal.events(always, {}, undefined, 1e6)
const warnings = () =>
  place.lines.flatMap((line) => (line.includes('"warn"') ? [(JSON.parse(line) as { msg: string }).msg] : []))

/** Opens files as usual, and can make the disk full of what is in them, and give it space again. */
function smallDisk() {
  let db: DatabaseSync | undefined
  let pages = 0
  return {
    open(path: string) {
      db = openFile(path)
      if (pages > 0) db.exec(`PRAGMA max_page_count = ${pages}`)
      return db
    },
    fill() {
      pages = db?.prepare('PRAGMA page_count').get()?.['page_count'] as number
      db?.exec(`PRAGMA max_page_count = ${pages}`)
    },
    free() {
      pages = 0
    },
  }
}

describe('a full disk', () => {
  test('loses nothing while memory lasts; the gap is noted when there is space again', async () => {
    const disk = smallDisk()
    const journal = place.open({ open: disk.open })
    journal.record(recycleOf('web01', startMs))
    await place.clock.advance(1000)
    disk.fill()
    for (let at = 0; at < 300; at++) journal.record(errorOf('web01', startMs + 1000 + at))
    for (let at = 0; at < 500; at++)
      journal.observe(sampleOutcome({ target: `web${at}`, startedMs: startMs + 1000 + at, id: `${at}` }))
    await place.clock.advance(60_000)
    expect(place.states.filter(({ kind }) => kind === 'failed').length).toBeGreaterThan(5)
    expect(warnings()).toEqual([
      'the journal cannot be used: the disk is full (database or disk is full); probing goes on without it',
    ])
    disk.free()
    await place.clock.advance(10_000)
    expect(place.states.at(-1)).toMatchObject({ kind: 'written' })
    expect(eventsOf(journal)).toHaveLength(301)
    expect(journal.steps(always, {}).flatMap(({ steps }) => steps)).toHaveLength(500)
    expect(journal.notes(always, {}, new Set(['gap']))).toMatchObject([
      { why: 'the disk is full (database or disk is full)', lost: { events: 0, minutes: 0, probes: 0 } },
    ])
  })

  test('that lasts gives up the oldest, and says how much', async () => {
    const disk = smallDisk()
    const journal = place.open({ open: disk.open })
    await place.clock.advance(1000)
    disk.fill()
    for (let at = 0; at < 12_000; at++) journal.record(errorOf('web01', startMs + at))
    await place.clock.advance(20_000)
    disk.free()
    await place.clock.advance(10_000)
    const events = eventsOf(journal)
    expect(events).toHaveLength(10_000)
    expect(events.at(-1)?.atMs).toBe(startMs + 11_999)
    expect(journal.notes(always, {}, new Set(['gap']))).toMatchObject([{ lost: { events: 2000 } }])
  })
})

/** Damaged files that were given another name. */
const asides = async () =>
  (await readdir(dirname(place.path))).filter((name) => /\.damaged-[^.]*$/.test(name))

describe('a damaged file', () => {
  test('is set aside, named and kept, and a new one begun', async () => {
    await mkdir(dirname(place.path))
    await writeFile(place.path, 'this is no database, but somebody may want it back'.repeat(100))
    const journal = place.open()
    journal.record(recycleOf('web01', startMs))
    await place.clock.advance(1000)
    expect(await asides()).toEqual(['journal.db.damaged-2026-07-01T00-00-00-000Z'])
    const [aside = ''] = await asides()
    expect(await readFile(join(dirname(place.path), aside), 'utf8')).toContain('somebody may want it back')
    expect(eventsOf(journal)).toHaveLength(1)
    expect(journal.notes(always, {}, new Set(['set_aside']))).toMatchObject([
      { file: join(dirname(place.path), aside), why: 'it is not a SQLite file (file is not a database)' },
    ])
  })

  test('whose damage shows only later is set aside then', async () => {
    const journal = place.open()
    for (let at = 0; at < 2000; at++) journal.record(errorOf('web01', startMs + at))
    await place.clock.advance(1000)
    journal.close()
    const bytes = await readFile(place.path)
    // The first page, which holds the tables' names, is whole.
    bytes.fill(0xaa, 4096)
    await writeFile(place.path, bytes)
    const again = place.open()
    again.record(recycleOf('web01', startMs))
    await place.clock.advance(10_000)
    expect(await asides()).toHaveLength(1)
    expect(eventsOf(again)).toMatchObject([{ kind: 'recycle' }])
  })
})

describe('a path that cannot be used', () => {
  test('whose directory is missing is made', async () => {
    expect(existsSync(dirname(place.path))).toBe(false)
    place.open().record(recycleOf('web01', startMs))
    await place.clock.advance(1000)
    expect(place.read((reader) => reader.farms())).toEqual([])
    expect(existsSync(place.path)).toBe(true)
  })

  test('is explained, everything goes on without, and it is used as soon as it can be', async () => {
    await writeFile(dirname(place.path), 'a file where the directory should be')
    const journal = place.open()
    journal.record(recycleOf('web01', startMs))
    await place.clock.advance(20_000)
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^the journal cannot be used: its directory is a file .*; probing goes on without it$/,
      ),
    ])
    expect({
      open: journal.isOpen(),
      events: eventsOf(journal),
      monitors: journal.loadMonitors().size,
    }).toEqual({
      open: false,
      events: [],
      monitors: 0,
    })
    await rm(dirname(place.path))
    await place.clock.advance(10_000)
    expect(eventsOf(journal)).toHaveLength(1)
  })

  test('that is a directory is told as one, to who writes and to who reads', async () => {
    await mkdir(place.path, { recursive: true })
    place.open().record(recycleOf('web01', startMs))
    await place.clock.advance(10_000)
    const words = 'it is a directory; name a file in it, such as farmprobe.db'
    expect(warnings()).toEqual([`the journal cannot be used: ${words}; probing goes on without it`])
    expect(() => openJournalReader(place.path)).toThrow(words)
  })

  test.runIf(existsSync('/proc/self'))('whose directory cannot be made keeps nothing waiting', () => {
    expect(() => lockForWriting('/proc/no-such/deeper/j.db')).toThrow('ENOENT')
  })

  test('that another farmprobe writes to is left to it', async () => {
    const first = place.open()
    const second = place.open()
    second.record(recycleOf('web01', startMs))
    await place.clock.advance(10_000)
    expect(warnings()).toEqual([
      'the journal cannot be used: another farmprobe writes to it; give each a journal of its own (journal.path); probing goes on without it',
    ])
    expect(eventsOf(first)).toEqual([])
  })

  test('that belongs to another program is left alone', async () => {
    await mkdir(dirname(place.path))
    using db = new DatabaseSync(place.path)
    db.exec('CREATE TABLE accounts (x)')
    const journal = place.open()
    journal.record(recycleOf('web01', startMs))
    await place.clock.advance(10_000)
    expect(warnings()[0]).toContain('it is the database of another program')
    expect(db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()).toEqual({ count: 1 })
    expect(() => openJournalReader(place.path)).toThrow('it is the database of another program')
  })

  test('whose file is removed meanwhile begins a new one', async () => {
    const journal = place.open()
    await place.clock.advance(1000)
    for (const suffix of ['', '-wal', '-shm']) await rm(place.path + suffix, { force: true })
    await place.clock.advance(30_000)
    journal.record(recycleOf('web01', startMs))
    await place.clock.advance(1000)
    expect(warnings()[0]).toContain('its file was removed or replaced')
    expect(place.read((reader) => reader.events(always, {}, undefined, 10))).toHaveLength(1)
  })
})

describe('a reader', () => {
  test('sees what is written while it is written, and nothing of it changes under its hands', async () => {
    const journal = place.open()
    journal.record(recycleOf('web01', startMs))
    await place.clock.advance(1000)
    const reader = openJournalReader(place.path)
    const count = () => reader.events(always, {}, undefined, 10).length
    expect(count()).toBe(1)
    journal.record(recycleOf('web02', startMs))
    await place.clock.advance(1000)
    expect(count()).toBe(1)
    reader.close()
    expect(place.read((later) => later.events(always, {}, undefined, 10))).toHaveLength(2)
  })

  test('sees minutes that are not over', async () => {
    const journal = place.open()
    for (let at = 0; at < 3; at++) {
      journal.observe(sampleOutcome({ startedMs: startMs + at, id: `${at}` }))
      await place.clock.advance(1000)
    }
    expect(place.read((reader) => reader.steps(always, {})[0]?.steps[0]?.probes)).toBe(3)
  })

  test('needs no right to write where nobody writes', async () => {
    const journal = place.open()
    journal.record(recycleOf('web01', startMs))
    journal.close()
    await chmod(place.path, 0o444)
    await chmod(dirname(place.path), 0o555)
    try {
      expect(place.read((reader) => reader.events(always, {}, undefined, 10))).toHaveLength(1)
    } finally {
      await chmod(dirname(place.path), 0o755)
    }
  })

  test('is told what is wrong with the file', async () => {
    expect(() => openJournalReader(place.path)).toThrow(
      'there is no such file; farmprobe run writes it (journal.path in the configuration)',
    )
    await mkdir(dirname(place.path))
    await writeFile(place.path, 'no database'.repeat(100))
    expect(() => openJournalReader(place.path)).toThrow('it is not a SQLite file (file is not a database)')
  })
})
