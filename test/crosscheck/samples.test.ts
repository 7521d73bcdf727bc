import { describe, expect, test } from 'vitest'
import { readSamples } from '../../src/crosscheck/samples.ts'

/** Name, labels and value of each sample; else why there is none. */
function samplesOf(text: string) {
  const found = readSamples(text, 'windows_iis_')
  if (typeof found === 'string') return found
  return found.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])
}

test('samples of the prefix are read, with labels, escapes, exponents and time stamps; the rest is skipped', () => {
  const text = [
    '# HELP windows_iis_a What it is.',
    '# TYPE windows_iis_a counter',
    'go_goroutines{this is not even a sample',
    'windows_iis_a 1',
    'windows_iis_a{app="shop"} 1.5e+06',
    'windows_iis_a{app="a \\"b\\" \\\\ c\\nd", pid="40",} 7 1700000000000',
    'windows_iis_b{} NaN',
    'windows_iis_c{app="{},=\u00fc"}\t+Inf',
    '',
  ].join('\n')
  expect(samplesOf(text)).toEqual([
    ['windows_iis_a', {}, 1],
    ['windows_iis_a', { app: 'shop' }, 1_500_000],
    ['windows_iis_a', { app: 'a "b" \\ c\nd', pid: '40' }, 7],
    ['windows_iis_b', {}, Number.NaN],
    ['windows_iis_c', { app: '{},=\u00fc' }, Number.POSITIVE_INFINITY],
  ])
})

describe('a line that is not a sample makes the whole text invalid', () => {
  test.each([
    'windows_iis_a',
    'windows_iis_a{app="shop"}',
    'windows_iis_a{app="shop" 1',
    'windows_iis_a{app="shop} 1',
    'windows_iis_a{app=shop} 1',
    'windows_iis_a{app="shop" pid="4"} 1',
    'windows_iis_a{app="shop",app="shop"} 1',
    'windows_iis_a{app="shop\\"} 1',
    'windows_iis_a 0x10',
    'windows_iis_a 1,5',
    'windows_iis_a 1 2 3',
    'windows_iis_a 1 yesterday',
    `windows_iis_a{app="${'x'.repeat(5000)}"} 1`,
    `windows_iis_a{${Array.from({ length: 17 }, (_, n) => `l${n}="x"`).join()}} 1`,
  ])('%s', (line) => {
    expect(samplesOf(`windows_iis_b 1\n${line}\n`)).toBe("a line is not a sample in Prometheus's text format")
  })
})

test('more samples than any exporter has are refused', () => {
  expect(samplesOf('windows_iis_a 1\n'.repeat(30_000))).toBe('it shows more than 20000 windows_iis_ series')
})

test.each([
  ['lines without end', 'windows_iis_a{'.repeat(600_000)],
  ['quotes without end', `windows_iis_a{app="${'\\"'.repeat(4_000_000)}`],
  ['blanks', `windows_iis_a{${' '.repeat(8_000_000)}`],
  ['one line of something else', 'x'.repeat(8_000_000)],
  ['empty lines', '\n'.repeat(8_000_000)],
  ['short lines that almost fit', 'windows_iis\n'.repeat(700_000)],
])('a hostile text of 8 MB costs little time: %s', (_what, text) => {
  const startedMs = performance.now()
  samplesOf(text)
  expect(performance.now() - startedMs).toBeLessThan(1000)
})
