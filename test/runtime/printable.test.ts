import { expect, test } from 'vitest'
import { exposition, nothingYet } from '../../src/blackbox/metrics/probe_metrics.ts'
import { createProbeLog } from '../../src/blackbox/probe_log.ts'
import { safely } from '../../src/cli/process_edge.ts'
import { redactedYaml } from '../../src/config/redact.ts'
import { readTree } from '../../src/config/yaml/tree.ts'
import { opening } from '../../src/metrics/record_layout.ts'
import { evidenceOf } from '../../src/probe/evidence.ts'
import { escaped } from '../../src/report/charts.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { createLog } from '../../src/runtime/log.ts'
import { isPrintable, printable, printableLines } from '../../src/runtime/printable.ts'

const codes = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index))

/** C0 but line ends and tabs, DEL, C1, marks of direction, line and paragraph separators. */
const harmful = [
  ...codes(0x00, 0x08),
  ...codes(0x0b, 0x1f),
  ...codes(0x7f, 0x9f),
  '\u061c',
  '\u200e',
  '\u200f',
  ...codes(0x2028, 0x202e),
  ...codes(0x2066, 0x2069),
]
const hostile = `web01${harmful.join('')}x`

function logged(format: 'text' | 'json'): string {
  let lines = ''
  const log = createLog('info', format, { write: (line) => (lines += line) })
  log.info({ token: hostile, deep: { er: [hostile] }, [hostile]: 1 }, hostile)
  return lines
}

function probeLog(): string {
  const log = createProbeLog(systemClock, { target: hostile })
  log.info('said', { why: hostile })
  return log.lines.join('\n')
}

function written(isTTY: boolean): string {
  let text = ''
  safely({ isTTY, write: (part) => (text += part) }).write(`${hostile}\u001b[2J\u001b[H`)
  return text
}

const sent = { headers: [], path: '/' }
const kept = evidenceOf({ statusText: hostile, headers: [['X-A', hostile]] }, hostile, sent)
const tls = { earliestExpiryMs: 0, certificate: { subject: hostile }, version: 'TLS 1.3', cipher: '' }

test.each([
  ['the log as text', logged('text')],
  ['the log as JSON', logged('json')],
  ['the debug text of /probe', probeLog()],
  ['a pipe', written(false)],
  ['a terminal', written(true)],
  ['a metric', opening([['target', hostile]])],
  ['a metric of /probe', exposition({ ...nothingYet, timeoutMs: 1, tls })],
  ['the page of a report', escaped(hostile)],
  ['/config', redactedYaml(readTree(`farms: [{ name: "${hostile}" }]`, 'f', undefined).tree)],
  ['evidence on the page', `${kept.statusText}${kept.headers.join('')}${kept.bodyStart}`],
])('no character that moves a cursor or turns a line reaches %s', (_, text) => {
  expect(text).toContain('web01')
  expect(harmful.filter((character) => text.includes(character))).toEqual([])
})

test('on a terminal our own colours stay, and a line that is written again', () => {
  let text = ''
  const terminal = safely({ isTTY: true, write: (part) => (text += part) })
  terminal.write('\r\u001b[K1 of 2\n')
  terminal.write('\u001b[31mred\u001b[39m\t\u001b[K')
  expect(text).toBe('\r\u001b[K1 of 2\n\u001b[31mred\u001b[39m\t\\u001b[K')
})

test('escapes are those of JSON, also beyond the first plane', () => {
  expect(printable('a\u202eb\n\u{e0041}')).toBe(String.raw`a\u202eb\u000a\udb40\udc41`)
  expect(JSON.parse(printable(JSON.stringify('\u009b\u202e')))).toBe('\u009b\u202e')
  expect(printableLines('a\r\nb\tc\rd')).toBe('a\nb\tc\\u000dd')
})

test('letters of every script are printable, with the joiners that they need', () => {
  const names = 'Käse Привет 日本 नमस्\u200dते نام\u200cه 👩\u200d💻'
  expect(isPrintable(names)).toBe(true)
  expect(printable(names)).toBe(names)
})
