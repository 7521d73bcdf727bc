import { expect, test } from 'vitest'
import { acceptsEncoding } from '../../src/runtime/accepts_encoding.ts'

test.each([
  ['gzip', 'gzip', true],
  ['gzip;q=1.0', 'gzip', true],
  ['gzip, compress', 'gzip', true],
  ['compress, gzip', 'gzip', true],
  ['gzip, compress', 'br', false],
  ['gzip, compress, *', 'br', true],
  ['gzip, compress, *;q=0.1', 'br', true],
  ['gzip, compress, br;q=0.0', 'br', false],
  ['gzip, compress, *;q=0.0', 'br', false],
  ['gzip;q=1.0, compress;q=0.5, br;q=0.1, *;q=0.0', 'br', true],
  ['*;q=0.0, br;q=0.1, compress;q=0.5, gzip;q=1.0', 'br', true],
  ['  gzip ; q=1.0 ,  br ;q=0.1 , *;q=0.0 ', 'br', true],
])('"%s", %s: %s', (header, coding, accepts) => {
  expect(acceptsEncoding(header, coding)).toBe(accepts)
})
