import { assert, constantFrom, double, integer, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { concealing } from '../../src/secrets/conceal.ts'
import { encoders } from '../support/secrets/encoders.ts'

/** No encoder needs two characters for one of these, and none is a word of the page. */
const secret = string({
  unit: constantFrom(...' abcXYZ0189-_.~!*()\'"<>&%+=/\\:;,@#?{}[]|^`$éÿ€ж'.split('')),
  minLength: 4,
  maxLength: 120,
}).filter((text) => text.trim() === text)
const filler = string({ unit: constantFrom('—', '\n', 'Ω'), maxLength: 3000 })

/** Every part of a secret that gives it away. */
function telling(text: string): string[] {
  const length = Math.min(6, text.length)
  return Array.from({ length: text.length - length + 1 }, (_, at) => text.slice(at, at + length))
}

test.each(Object.entries(encoders))(
  'written by %s and cut anywhere, a secret leaves nothing of six characters',
  (_, encode) => {
    const nothingLeft = property(
      secret,
      filler,
      filler,
      integer({ min: 1, max: 3 }),
      double({ min: 0, max: 1, noNaN: true }),
      constantFrom(40, 256, 2048),
      (text, before, after, times, share, most) => {
        const page = before + `${encode(text)}\n`.repeat(times) + after
        const shown = concealing([text])(
          page.slice(0, before.length + (page.length - before.length) * share),
          most,
        )
        expect(shown.length).toBeLessThanOrEqual(most)
        const left = telling(text).filter((part) => shown.includes(part) || shown.includes(encode(part)))
        expect(left).toEqual([])
      },
    )
    assert(nothingLeft, { numRuns: 150 })
  },
)

test('only the secret is hidden, however often it stands there', () => {
  const conceal = concealing(['hunter2!'])
  expect(conceal('a hunter2! b hunter2!hunter2! c', 100)).toBe('a <secret> b <secret> c')
  expect(conceal('<p>100&nbsp;% of &quot;nothing&quot;</p>', 100)).toBe(
    '<p>100&nbsp;% of &quot;nothing&quot;</p>',
  )
})

test('what a page cuts off itself is hidden as well', () => {
  const conceal = concealing(['0123456789abcdefghij'])
  expect(conceal('"got 012345678…" and "012…"', 100)).toBe('"got <secret>…" and "012…"')
  expect(concealing(['0123456789'.repeat(4)])(`a ${'3456789012'.repeat(3)} b`, 100)).toBe('a <secret> b')
})

test('a long secret is found in parts, and repeated ones take no long time', () => {
  const body = Array.from({ length: 200_000 }, (_, index) => index.toString(36)).join(',')
  const conceal = concealing([body])
  expect(conceal(`[${body.slice(500_000, 501_000)}]`, 2048)).toBe('[<secret>]')
  expect(concealing(['a'.repeat(5000)])('a'.repeat(9000), 2048)).toBe('<secret>')
})

test('a secret that was sent as UTF-8 is found where its bytes are read one by one', () => {
  expect(concealing(['pässwört-😀'])(Buffer.from('x pässwört-😀 y').toString('latin1'), 100)).toBe(
    'x <secret> y',
  )
})

test('without a secret a text is only cut', () => {
  expect(concealing(['abc'])('abcdef', 4)).toBe('abcd')
})
