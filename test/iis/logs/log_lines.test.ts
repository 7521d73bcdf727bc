import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { eachLine, headOf, openLogFile, readable } from '../../../src/iis/logs/log_lines.ts'
import { tempDir } from '../../support/temp_dir.ts'

const text = 'eins\r\nzwei größer\n\nvier'

async function linesOf(bytes: Uint8Array): Promise<string[]> {
  await using dir = await tempDir()
  const file = join(dir.path, 'a.log')
  await writeFile(file, bytes)
  const lines: string[] = []
  await eachLine(openLogFile(file)(), (block, from, to, line) => {
    lines.push(`${line} ${readable(block.slice(from, to))}`)
  })
  expect(readable(await headOf(openLogFile(file)())).replace('\ufeff', '')).toBe(text)
  return lines
}

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
  ['ANSI', Buffer.from(text, 'latin1')],
  ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['gzip', gzipSync(text)],
])('lines are read from %s, with their numbers', async (_, bytes) => {
  expect(await linesOf(bytes)).toEqual(['1 eins', '2 zwei größer', '3 ', '4 vier'])
})

test('lines that lie across blocks are whole', async () => {
  const bytes = Buffer.from(text)
  const lines: string[] = []
  const blocks = (async function* () {
    for (const byte of bytes) yield Uint8Array.of(byte)
  })()
  await eachLine(blocks, (block, from, to) => void lines.push(readable(block.slice(from, to))))
  expect(lines).toEqual(['eins', 'zwei größer', '', 'vier'])
})

test('a line without end is refused before it fills the memory', async () => {
  const endless = (async function* () {
    for (;;) yield Buffer.alloc(64 * 1024, 'x')
  })()
  await expect(eachLine(endless, () => undefined)).rejects.toThrow(
    'line 1 is longer than 1 MiB; this is no log',
  )
})
