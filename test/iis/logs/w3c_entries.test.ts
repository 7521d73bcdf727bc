import { expect, test } from 'vitest'
import { createW3cReader } from '../../../src/iis/logs/w3c_entries.ts'

function read(lines: readonly string[]) {
  const reader = createW3cReader()
  const entries = lines.flatMap((line) => {
    const entry = reader.read(line, 0, line.length)
    if (entry === undefined) return []
    const { atMs } = entry
    return [[new Date(atMs).toISOString().slice(0, 19), entry.text('cs-uri-stem'), entry.number('sc-status')]]
  })
  return { entries, damaged: reader.damaged(), fields: [...reader.fields] }
}

test('fields are taken by their names, in any order, and may change inside of a file', () => {
  const { entries, fields } = read([
    '#Fields: date time cs-uri-stem sc-status',
    '2026-03-03 08:14:41 /a 200',
    '#Date: 2026-03-04 00:00:00',
    '#Fields: time sc-status cs-uri-stem',
    '00:00:07 502 /b',
  ])
  expect(entries).toEqual([
    ['2026-03-03T08:14:41', '/a', 200],
    ['2026-03-04T00:00:07', '/b', 502],
  ])
  expect(fields).toEqual(['date', 'time', 'cs-uri-stem', 'sc-status'])
})

test('- is nothing, a cut line is counted, and zeros that a lost machine left are passed over', () => {
  const fields = '#Fields: date time cs-uri-stem sc-status'
  expect(
    read([fields, '2026-03-03 08:14:41 - 200', '\u0000\u00002026-03-03 08:14:42 /a 200 ']),
  ).toMatchObject({
    entries: [
      ['2026-03-03T08:14:41', '', 200],
      ['2026-03-03T08:14:42', '/a', 200],
    ],
    damaged: 0,
  })
  for (const cut of ['2026-03-03 08:14:41 /a', '2026-03', 'x y z 1', '2026-03-03 08:14:41 /a 200 7'])
    expect(read([fields, cut])).toMatchObject({ entries: [], damaged: 1 })
})
