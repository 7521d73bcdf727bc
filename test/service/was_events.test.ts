import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { WasReport } from '../../src/crosscheck/written_ends.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { createFileReader } from '../../src/service/file_reader.ts'
import { createWasEvents } from '../../src/service/was_events.ts'
import { eventually } from '../support/eventually.ts'
import { firstWrong, mutated, runs } from '../support/files/mutations.ts'
import { quietLog } from '../support/quiet_log.ts'
import { tempDir } from '../support/temp_dir.ts'

const nowMs = Date.UTC(2026, 1, 3, 4, 5, 6)
const xmlns = 'http://schemas.microsoft.com/win/2004/08/events/event'

/** An event as `ToXml` gives it. */
const wasEvent = (id: number, agoS: number, computer = 'WEB01.corp.example.org', process = '4711') =>
  `<Event xmlns='${xmlns}'><System><Provider Name='Microsoft-Windows-WAS' Guid='{524B5D04-133C-4A62-8362-64E8EDB9CE40}' EventSourceName='WAS'/>` +
  `<EventID Qualifiers='16384'>${id}</EventID><Level>4</Level><TimeCreated SystemTime='${new Date(nowMs - agoS * 1000).toISOString().replace('Z', '1234Z')}'/>` +
  `<EventRecordID>1</EventRecordID><Channel>System</Channel><Computer>${computer}</Computer><Security/></System>` +
  `<EventData><Data Name='ProcessID'>${process}</Data><Data Name='AppPoolID'>shop</Data><Data Name='Minutes'>20</Data></EventData></Event>`

async function receiver(known: readonly string[] = ['WEB01']) {
  const clock = { ...systemClock, wallMs: () => nowMs }
  const reports: WasReport[] = []
  const { log, lines } = quietLog()
  const files = createFileReader(clock)
  const events = createWasEvents({
    clock,
    log,
    metrics: createMetrics({ clock, version: '1.2.3' }),
    readEvents: files.readWasEvents,
    written(report) {
      reports.push(report)
      const node = { farm: 'intranet', target: 'web01', untilMs: report.covered.toMs }
      const nodes = known.some((name) => report.computer.startsWith(name)) ? [node] : []
      return { nodes, fresh: report.ends.length }
    },
  })
  const dispose = async () => {
    await events.stop()
    await files[Symbol.asyncDispose]()
  }
  return { ...events, reports, lines, [Symbol.asyncDispose]: dispose }
}

const bytes = (text: string) => async () => Buffer.from(text)

describe('what a node sends', () => {
  test('is passed on by computer, with what it covers', async () => {
    await using node = await receiver()
    const [sinceMs, untilMs] = [nowMs - 1_200_000, nowMs - 500]
    const body = `<Events>${wasEvent(5186, 60)}\n${wasEvent(5192, 30)}</Events>`
    expect(await node.push({ read: bytes(body), computer: 'WEB01', sinceMs, untilMs })).toEqual({
      events: 1,
      fresh: 1,
      nodes: ['intranet/web01'],
      remarks: [],
    })
    expect(node.reports).toMatchObject([
      {
        computer: 'WEB01.corp.example.org',
        ends: [
          {
            id: 5186,
            atMs: nowMs - 60_000,
            reason: 'idle',
            what: 'ended by its idle time-out',
            pool: 'shop',
            process: '4711',
          },
        ],
        covered: { fromMs: sinceMs, toMs: untilMs },
        skewMs: 0,
      },
    ])
  })

  test('may be nothing: then too it says up to when', async () => {
    await using node = await receiver()
    const [sinceMs, untilMs] = [nowMs - 1_200_000, nowMs]
    await node.push({ read: bytes('<Events/>'), computer: 'WEB01', sinceMs, untilMs })
    expect(node.reports).toEqual([
      { computer: 'WEB01', ends: [], covered: { fromMs: sinceMs, toMs: untilMs }, skewMs: 0 },
    ])
  })

  test('by a clock that differs is said, once in the log and with each answer', async () => {
    await using node = await receiver()
    const sent = { read: bytes(wasEvent(5074, 60)), computer: 'WEB01', untilMs: nowMs - 180_000 }
    const remark = "the clock of WEB01.corp.example.org is 3m behind farmprobe's; times are corrected"
    for (const _time of [1, 2]) expect(await node.push(sent)).toMatchObject({ remarks: [remark] })
    expect(node.reports[0]).toMatchObject({ skewMs: -180_000 })
    expect(node.lines.filter((line) => line.includes(remark))).toHaveLength(1)
  })

  test('of the future shows that a clock is ahead, where the sender does not tell its time', async () => {
    await using node = await receiver()
    await node.push({ read: bytes(wasEvent(5074, -300)) })
    expect(node.reports[0]).toMatchObject({ skewMs: 300_000 })
  })

  test('of more than a day from now is a mistake, and nothing of it is taken', async () => {
    await using node = await receiver()
    const years = '+012026-02-03T04:05:06Z'
    const text = wasEvent(5074, 60).replace(/SystemTime='[^']*'/, `SystemTime='${years}'`)
    const answer = await node.push({ read: bytes(`<Events>${wasEvent(5186, 50)}${text}</Events>`) })
    expect(answer).toMatchObject({
      fresh: 0,
      remarks: [expect.stringContaining('of more than a day nothing is taken')],
    })
    expect(node.reports).toEqual([])
  })

  test('covers no time to come, whatever its sender says', async () => {
    await using node = await receiver()
    const read = bytes(wasEvent(5074, 60) + wasEvent(5074, 60, 'WEB02'))
    const [year3000Ms, year4000Ms] = [Date.UTC(3000, 0), Date.UTC(4000, 0)]
    await node.push({ read, untilMs: year4000Ms })
    await node.push({ read, sinceMs: year3000Ms, untilMs: year4000Ms })
    await node.push({ read: bytes(wasEvent(5074, 60)), sinceMs: year3000Ms })
    expect(node.reports.map(({ covered }) => covered)).toEqual([
      ...[1, 2].map(() => ({ fromMs: nowMs - 60_000, toMs: nowMs })),
      ...[1, 2].map(() => ({ fromMs: nowMs, toMs: nowMs })),
      { fromMs: nowMs - 60_000, toMs: nowMs - 60_000 },
    ])
  })

  test('of thousands of computers that are no nodes takes little of the log and of the answer', async () => {
    await using node = await receiver()
    const names = Array.from({ length: 2000 }, (_, n) => `X${n}${'x'.repeat(n === 0 ? 10_000 : 0)}`)
    const read = bytes([...names, 'WEB01'].map((name) => wasEvent(5074, 60, name)).join('\n'))
    const answer = await node.push({ read })
    expect(answer).toMatchObject({ events: 2001, nodes: ['intranet/web01'] })
    const remarks = 'remarks' in answer ? answer.remarks : []
    expect(remarks).toHaveLength(21)
    expect(remarks.at(-1)).toBe('of 1980 more computers nothing is taken either')
    expect(remarks.join('').length).toBeLessThan(10_000)
    for (const _time of [1, 2]) await node.push({ read })
    expect(node.lines).toHaveLength(20)
  })

  test('of a process that is no number is as if it named none', async () => {
    await using node = await receiver()
    await node.push({ read: bytes(wasEvent(5074, 60, 'WEB01', 'x'.repeat(10_000))) })
    expect(node.reports).toMatchObject([{ ends: [{ process: '' }] }])
  })

  test('however it is damaged, is taken or refused with a reason', async () => {
    await using node = await receiver()
    const tokens = [
      '<',
      '>',
      '&',
      '</Event>',
      '<Event>',
      "'",
      '<!--',
      '<![CDATA[',
      '\0',
      '\r\n',
      '<?xml ?>',
      '9999-99-99',
    ]
    const damaged = mutated(`<Events>\n${wasEvent(5074, 60)}\n${wasEvent(5192, 30)}</Events>`, tokens)
    const wrong = await firstWrong(
      damaged,
      async (text) => {
        const answer = await node.push({ read: bytes(text), computer: 'WEB01', untilMs: nowMs })
        return 'why' in answer && answer.why === '' ? ['no reason'] : []
      },
      runs(500, 20_000),
    )
    expect(wrong).toBeUndefined()
    for (const { ends } of node.reports)
      expect(ends.filter(({ atMs, id }) => Number.isNaN(atMs) || Number.isNaN(id))).toEqual([])
  })

  test('may be large: it is read on another thread', async () => {
    await using node = await receiver()
    const body = Array.from({ length: 1000 }, (_, n) => wasEvent(5074, 60 + n)).join('')
    expect(await node.push({ read: bytes(body) })).toMatchObject({ events: 1000 })
    expect(await node.push({ read: bytes(body.slice(0, -9)) })).toMatchObject({ why: expect.any(String) })
  })

  test('of a computer that is no node is said, with what to write', async () => {
    await using node = await receiver([])
    expect(await node.push({ read: bytes(wasEvent(5074, 60, 'WEB09')) })).toMatchObject({
      nodes: [],
      remarks: [
        'no node that is cross-checked is the computer "WEB09"; name it at its node: crosscheck: { computer: WEB09 }',
      ],
    })
  })

  test.each([
    ['', 'it is empty'],
    ['{"a": 1}', 'it begins with "{"a": 1}": neither'],
    ['<html></html>', 'it is XML, but neither events of Windows nor'],
    [wasEvent(5074, 60).slice(0, -9), 'it is not well-formed XML: '],
    [`<Events>\n${wasEvent(5074, 60)}\n<Event><System></Events>`, 'in line 3'],
    [
      '<!DOCTYPE a [<!ENTITY b "c">]><Events>&b;</Events>',
      'Inappropriately located doctype declaration in line 1',
    ],
    [`\0\0\xff<Event `, 'it begins with'],
    ['#Fields: date time sc-status\n2026-01-01 00:00:00 200\n', 'it has no events of Windows in XML'],
    ['Level,Date and Time,Source,Event ID\nInfo,3/3/2026,WAS,5186\n', 'it has no events of Windows in XML'],
    ['\x7fELF\t;,\x02\t\t,\n', 'it has no events of Windows in XML'],
  ])('is taken whole or not at all: %j', async (text, why) => {
    await using node = await receiver()
    expect(await node.push({ read: bytes(text) })).toEqual({ why: expect.stringContaining(why) })
    expect(node.reports).toEqual([])
  })
})

describe('a folder', () => {
  test('is followed: files in UTF-8 and UTF-16, with CRLF, that appear, change and are replaced', async () => {
    await using dir = await tempDir()
    await using node = await receiver()
    const at = (name: string) => join(dir.path, name)
    const ids = () => node.reports.map(({ ends }) => ends.map(({ id }) => id))
    const read = (count: number) =>
      eventually(
        'files',
        () => node.reports.length,
        (got) => got >= count,
      )
    await dir.write('a.xml', wasEvent(5074, 60))
    await node.follow(dir.path)
    await read(1)
    await writeFile(
      at('b.XML'),
      Buffer.from(`\ufeff<Events>\r\n${wasEvent(5186, 50)}\r\n</Events>`, 'utf16le'),
    )
    await read(2)
    await writeFile(at('a.xml'), `${wasEvent(5074, 60)}\n${wasEvent(5009, 40)}\n`)
    await read(3)
    await rename(await dir.write('c.tmp', wasEvent(5076, 30)), at('b.XML'))
    await read(4)
    expect(ids()).toEqual([[5074], [5186], [5074, 5009], [5076]])
  })

  test('need not exist yet, and a file that is written bit by bit is read when it is whole', async () => {
    await using dir = await tempDir()
    await using node = await receiver()
    const folder = join(dir.path, 'was')
    await node.follow(folder)
    await eventually(
      'the warning',
      () => node.lines.join(''),
      (all) => all.includes(`no file *.xml is in ${folder} yet`),
    )
    await mkdir(folder)
    const whole = wasEvent(5186, 60)
    await writeFile(join(folder, 'a.xml'), whole.slice(0, 300))
    await eventually(
      'the second warning',
      () => node.lines.join(''),
      (all) => all.includes('a.xml is not read: it is not well-formed XML'),
    )
    expect(node.reports).toEqual([])
    await writeFile(join(folder, 'a.xml'), whole)
    await eventually(
      'the event',
      () => node.reports.length,
      (count) => count === 1,
    )
    await rm(folder, { recursive: true })
  })

  test('with a large file is read on another thread', async () => {
    await using dir = await tempDir()
    await using node = await receiver()
    await dir.write('a.xml', Array.from({ length: 2000 }, (_, n) => wasEvent(5074, 60 + n)).join('\n'))
    await node.follow(dir.path)
    const ends = () => node.reports[0]?.ends.length
    expect(await eventually('the events', ends, (count) => count !== undefined)).toBe(2000)
  })
})
